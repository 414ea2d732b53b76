# Two commands do it all: make verify, make test. `make help` lists the rest.
#
#   K8S=v1.37.2      the Kubernetes version (1.37: its newest patch; empty: the default)
#   CLAIMS=regexp    the claims to run, by their IDs
#   KEEP=1           leave the cluster for the next run
#
# README.md lists further variables. All of them reach the tests through the environment.

SHELL := bash
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

# Taken as they were typed: a regular expression may hold a $, and a quote of the notes anything. Recipes read them from
# the environment, so that neither make nor a shell runs what stands in them.
override CLAIMS := $(value CLAIMS)
override ONLY := $(value ONLY)
override ID := $(value ID)
override QUOTE := $(value QUOTE)
override ENGINES := $(value ENGINES)
override K8S := $(value K8S)
override N := $(value N)
override FUZZTIME := $(value FUZZTIME)
export CLAIMS ONLY ID QUOTE ENGINES K8S N FUZZTIME
# A go.work above this folder is somebody else's.
export GOWORK := off

# One run's limit. A node image that is built from nothing takes most of it.
TIMEOUT ?= 60m

# Long runs are executed in place of the shell, which would not pass on make's SIGTERM.
noteproof := go run ./harness/cmd/noteproof
# Not through gotestsum, which takes progress that bypasses go test for errors.
scenarios := go test ./scenarios/... -count=1 -timeout=$(TIMEOUT)
# What matrix, soak, breaks and faults take: FRESH=1 starts over, SUMMARY=1 writes docs/soak and the like when all is done.
off := 0 false False FALSE no No NO off Off OFF
fresh := $(if $(filter-out $(off),$(FRESH)),--fresh)
summary = $(if $(filter-out $(off),$(SUMMARY)),--summary docs/$(1))
suite := -- ./scenarios/... -count=1 -timeout=$(TIMEOUT)
breaks := $(noteproof) breaks --only="$$ONLY" $(fresh) $(call summary,breaks) $(suite)
# A module of its own, with reports of its own; CLAIMS is meant for ours.
example := cd docs/example && CLAIMS= NOTEPROOF_OUT= $(scenarios)
cleanExample := if [ -d docs/example/out ]; then cd docs/example && NOTEPROOF_OUT= go tool noteproof clean; fi
gotestsum := go tool -modfile=scripts/tools/go.mod gotestsum --format pkgname --format-hide-empty-pkg
# What make test breaks: mechanisms that are quick to disable, and short scenarios.
quickBreaks := ^(never-restarted|separate-volumes|unready-endpoints)$$
quickClaims := ^(pod.localhost|label.select-dev|schedule.pick-node|service.port-target-port|volume.shared-in-pod)$$
interruptions := go test -tags=interruptions ./harness/internal/interruption -count=1 -timeout=100m
quickInterruptions := ^TestInterruptionByPanic$$|^TestInterruption$$/^cluster$$|^TestInterruption$$/^scenarios$$/^(SIGTERM|SIGKILL)$$
# The race detector needs a C compiler.
unit := $(gotestsum) -- -race ./harness/... ./scripts/...

##@ The main job

.PHONY: verify
verify: prerequisites ## Test the notes on a real cluster: K8S=v1.37.2 CLAIMS=regexp KEEP=1
	@exec $(noteproof) verify $(suite) </dev/null

.PHONY: test
test: browser ## Run all tests: unit tests, linters, and the scenarios on a real cluster
	@scripts/stages.sh \
	  "unit tests" "$(unit)" \
	  "linters" scripts/verify-all.sh \
	  "some interruptions" "CLAIMS= $(interruptions) -run '$(quickInterruptions)'" \
	  "the example on a real cluster, which the next ones then use" "export KEEP=1; $(example)" \
	  "some breaks of the cluster" "KEEP=1 CLAIMS= NOTEPROOF_OUT=out/test $(noteproof) breaks --fresh --only '$(quickBreaks)' $(suite)" \
	  "some scenarios broken" "KEEP=1 SABOTAGE=1 CLAIMS='$(quickClaims)' $(scenarios)" \
	  "scenarios on a real cluster" "$(scenarios)"

.PHONY: matrix
matrix: prerequisites ## Run every claim on several versions, and go on where it stopped: K8S="v1.36.4 v1.37.2" FRESH=1
	@exec $(noteproof) matrix $(if $(strip $(K8S)),--versions "$$K8S") $(fresh) --notes scenarios/lecture.ko.txt $(suite) </dev/null

.PHONY: soak
soak: prerequisites ## Repeat the suite, idle and loaded in turn, and report what differed: N=20 FRESH=1 SUMMARY=1
	@exec $(noteproof) soak $(if $(N),--runs="$$N") $(fresh) $(call summary,soak) $(suite) </dev/null

.PHONY: engines
# An engine that works here is used as it is. Another is built, has folders and sockets of its own, and is removed. Not by `go run`,
# which would not pass on SIGTERM.
engines: ## Run the suite on one container engine after another, built here if need be: ENGINES="docker podman nerdctl" CLAIMS=regexp
	@NOTEPROOF_ENGINE=$(if $(ENGINES),$(filter podman,$(ENGINES)),podman) scripts/prerequisites.sh --engines
	@go build -o out/engines/run ./scripts/engines && exec out/engines/run --engines "$$ENGINES" $(suite) </dev/null

.PHONY: bench
bench: prerequisites ## Measure what a run takes, in relation to what Kubernetes itself takes: COLD=1 also builds a node image in an empty cache
	@$(if $(filter-out $(off),$(COLD)),scripts/prerequisites.sh --builders,true)
	@go build -o out/bench-run ./scripts/bench && exec out/bench-run $(if $(filter-out $(off),$(COLD)),-cold) $(suite) </dev/null

.PHONY: versions
versions: ## List the Kubernetes versions that are available, and those newer than the last matrix
	@$(noteproof) versions --kept docs/matrix

##@ Parts of it

.PHONY: sabotage
# With CLAIMS only the scenarios: make breaks CLAIMS=… runs them on every broken cluster as well.
sabotage: prerequisites ## Break each scenario on purpose, then the cluster, and require that the drift is reported
	@scripts/stages.sh \
	  "each scenario broken" '$(if $(CLAIMS),,KEEP=1 )$(noteproof) sabotage $(suite)' \
	  $(if $(CLAIMS),,"the cluster broken" '$(breaks)')

.PHONY: breaks
breaks: prerequisites ## Break the cluster, one mechanism after another, and require that exactly its points turn: ONLY=regexp FRESH=1 SUMMARY=1
	@exec $(breaks) </dev/null

.PHONY: faults
faults: prerequisites ## Disturb the cluster in one way after another, and require that no verdict is wrong: ONLY=regexp FRESH=1 SUMMARY=1
	@exec $(noteproof) faults --only="$$ONLY" $(fresh) $(call summary,faults) $(suite) </dev/null

.PHONY: interruptions
interruptions: prerequisites ## End real runs at each stage and in each way, and see that nothing is left: ONLY=/scenarios/SIGKILL
	@exec $(interruptions) -v -run "^TestInterruption$$ONLY" </dev/null

.PHONY: example
example: prerequisites ## Put the example's notes to the test: docs/example, a module of its own
	@$(example) </dev/null

.PHONY: unit
unit: ## Run the unit tests, which need no cluster
	@$(unit)

.PHONY: fuzz
fuzz: ## Run every fuzz test, one after another, each for FUZZTIME=30s
	@scripts/fuzz.sh $(if $(FUZZTIME),"$$FUZZTIME")

.PHONY: lint
lint: ## Run every scripts/verify-*.sh, then tell the failures together
	@scripts/verify-all.sh

.PHONY: prerequisites
prerequisites: ## Install what is missing, or say what is and how to get it
	@scripts/prerequisites.sh

# For the test of the page alone; a run needs none.
.PHONY: browser
browser:
	@scripts/prerequisites.sh --browser

.PHONY: doctor
doctor: ## Say what this machine is like, and what is done differently because of it
	@$(noteproof) doctor

.PHONY: node-image
node-image: ## Build a kind node image: K8S=v1.37.2
	@scripts/prerequisites.sh --builders
	@$(noteproof) node-image "$$K8S"

.PHONY: report
report: ## Render the reports from the records in out/ again; of several versions also the page over all: out/index.html
	@$(noteproof) report --notes scenarios/lecture.ko.txt "$${NOTEPROOF_OUT:-out}"/*/verdicts.json

# Of the records that are committed, docs/matrix/<version>/verdicts.json. Two folders down, where make report does not look.
.PHONY: page
page: ## Make the page of the committed matrix: out/docs/matrix/index.html, and docs/matrix/README.md
	@rm -rf out/docs/matrix && mkdir -p out/docs && cp -r docs/matrix out/docs/
	@$(noteproof) report --notes scenarios/lecture.ko.txt --over out/docs/matrix out/docs/matrix/*/verdicts.json
	@cp out/docs/matrix/verdicts.md docs/matrix/README.md

##@ Writing claims

.PHONY: pictures
pictures: browser page ## Take the pictures of the page in the READMEs again
	@scripts/pictures.sh

.PHONY: claim
claim: ## Create the files of a new claim: ID=topic.slug QUOTE='the words of the notes'
	@$(noteproof) claim -- "$$ID" "$$QUOTE"

.PHONY: check
check: ## Check all that can be checked without a cluster: claims, quotes, manifests, sabotages, breaks, the catalogue
	@$(noteproof) check

.PHONY: notes
notes: ## List every line of the notes with the claims that cover it
	@$(noteproof) notes

.PHONY: list
list: ## List the claims with their last answers
	@$(noteproof) list

.PHONY: explain
explain: ## Describe a claim, without a run: ID=pod.localhost
	@$(noteproof) explain "$$ID"

.PHONY: catalogue
catalogue: ## Generate the catalogue of all claims
	@$(noteproof) catalogue

##@ Tidying up

.PHONY: clean
clean: ## Remove our clusters and the reports
	@$(noteproof) clean
	@$(cleanExample)

.PHONY: distclean
distclean: ## As clean, and remove the caches and the images that were built
	@$(cleanExample)
	@$(noteproof) distclean

.PHONY: help
help: ## List the targets
	@awk 'BEGIN {FS = ":.*## "} /^##@/ {printf "\n%s\n", substr($$0, 5)} /^[a-z-]+:.*## / {printf "  %-14s %s\n", $$1, $$2}' Makefile
