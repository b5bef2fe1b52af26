# Each command does all of its own set-up, and at once the second time.
.PHONY: run test check bench strings package release
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

release:
	VERSION="$(VERSION)" NOTES="$(NOTES)" .ci/release
