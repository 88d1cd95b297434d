# Targets of `sam build` (Metadata: BuildMethod: makefile). They build the bundles and copy them to the folder that SAM
# names.

export PATH := $(CURDIR)/node_modules/.bin:$(PATH)

AUTHORIZERS := build-Authorizer build-AuthorizerUncached
BACKENDS := build-Whoami build-WhoamiHttp build-WhoamiWebSocket
KEY_COMMANDS := build-KeyCommands

$(AUTHORIZERS): FUNCTION = authorizer
$(BACKENDS): FUNCTION = whoami
$(KEY_COMMANDS): FUNCTION = key-commands

$(AUTHORIZERS) $(BACKENDS) $(KEY_COMMANDS): node_modules
	node scripts/build.ts $(FUNCTION)
	cp -R dist/functions/$(FUNCTION)/. "$(ARTIFACTS_DIR)/"

node_modules:
	npm ci

.PHONY: $(AUTHORIZERS) $(BACKENDS) $(KEY_COMMANDS)
