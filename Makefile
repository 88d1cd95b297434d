# Targets of `sam build` (Metadata: BuildMethod: makefile): the project's own bundles, copied to where SAM wants them.

export PATH := $(CURDIR)/node_modules/.bin:$(PATH)

AUTHORIZERS := build-Authorizer build-AuthorizerUncached
BACKENDS := build-Whoami build-WhoamiHttp build-WhoamiWebSocket

$(AUTHORIZERS): FUNCTION = authorizer
$(BACKENDS): FUNCTION = whoami

$(AUTHORIZERS) $(BACKENDS): node_modules
	node scripts/build.ts $(FUNCTION)
	cp -R dist/functions/$(FUNCTION)/. "$(ARTIFACTS_DIR)/"

node_modules:
	npm ci

.PHONY: $(AUTHORIZERS) $(BACKENDS)
