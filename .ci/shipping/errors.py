"""What stops a step of shipping."""

from __future__ import annotations


class ShippingError(Exception):
    """It cannot go on. One sentence for a person: why, and what to do."""


class FreezeError(ShippingError):
    """The frozen application lacks something that has to be in it."""


class VersionError(ShippingError):
    """What stands where a version should is none."""


class ChangelogError(ShippingError):
    """CHANGELOG.md is not of the form that releases need."""


class GitError(ShippingError):
    """Git refused; with its own words."""


class ReleaseError(ShippingError):
    """There is no release."""


class PublishError(ShippingError):
    """Nothing was published, or not everything."""
