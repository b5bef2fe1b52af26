# Each command does all of its own set-up, and at once the second time.
.PHONY: run test check bench strings package release publish
.SILENT:

run:
	.ci/start

test:
	.ci/test

check:
	.ci/check

bench:
	.ci/bench

strings:
	.ci/strings

package:
	.ci/package

# A description is passed on as it was given: quotes and dollars are part of it.
override NOTES := $(value NOTES)
export NOTES

release:
	.ci/release

publish:
	.ci/publish
