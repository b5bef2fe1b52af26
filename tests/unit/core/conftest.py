"""Property tests assert behaviour and never time: this machine may be busy."""

from __future__ import annotations

from hypothesis import HealthCheck, settings

settings.register_profile("calm", deadline=None, database=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("calm")
