# Targets of `sam build` (Metadata: BuildMethod: makefile). They build the bundles and copy them to the folder that SAM
# names.

export PATH := $(CURDIR)/node_modules/.bin:$(PATH)

AUTHORIZERS := build-Authorizer build-AuthorizerUncached
BACKENDS := build-Whoami build-WhoamiHttp build-WhoamiWebSocket
KEY_COMMANDS := build-KeyCommands
KEY_USE := build-KeyUse
KEY_EVENTS := build-KeyEvents
CACHE_FLUSH := build-CacheFlush
KEY_WATCH := build-KeyWatch
USAGE_SYNC := build-UsageSync
KEYS_API := build-ApiKeys
LOGIN := build-Federation
SIGNING_KEYS := build-SigningKeys
RESOURCE_METADATA := build-ResourceMetadata build-ResourceMetadataHttp
FUNCTIONS := $(AUTHORIZERS) $(BACKENDS) $(KEY_COMMANDS) $(KEY_USE) $(KEY_EVENTS) $(CACHE_FLUSH) $(KEY_WATCH) $(USAGE_SYNC) $(KEYS_API) $(LOGIN) $(SIGNING_KEYS) $(RESOURCE_METADATA)

$(AUTHORIZERS): FUNCTION = authorizer
$(BACKENDS): FUNCTION = whoami
$(KEY_COMMANDS): FUNCTION = key-commands
$(KEY_USE): FUNCTION = key-use
$(KEY_EVENTS): FUNCTION = key-events
$(CACHE_FLUSH): FUNCTION = cache-flush
$(KEY_WATCH): FUNCTION = key-watch
$(USAGE_SYNC): FUNCTION = usage-sync
$(KEYS_API): FUNCTION = api-keys
$(LOGIN): FUNCTION = federation
$(SIGNING_KEYS): FUNCTION = signing-keys
$(RESOURCE_METADATA): FUNCTION = resource-metadata

$(FUNCTIONS): node_modules
	node scripts/build.ts $(FUNCTION)
	cp -R dist/functions/$(FUNCTION)/. "$(ARTIFACTS_DIR)/"

node_modules:
	npm ci

.PHONY: $(FUNCTIONS)
