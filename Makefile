# Targets of `sam build` (Metadata: BuildMethod: makefile): the project's own bundles, copied to where SAM wants them.

export PATH := $(CURDIR)/node_modules/.bin:$(PATH)

build-Authorizer: FUNCTION = authorizer
build-Whoami: FUNCTION = whoami

build-Authorizer build-Whoami: node_modules
	node scripts/build.ts $(FUNCTION)
	cp -R dist/functions/$(FUNCTION)/. "$(ARTIFACTS_DIR)/"

node_modules:
	npm ci

.PHONY: build-Authorizer build-Whoami
