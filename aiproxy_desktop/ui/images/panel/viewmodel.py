"""What is asked of image models: the prompt, the models, their controls, the pictures. QtCore only."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from typing import Literal, TypeAlias
from uuid import uuid4

from PySide6.QtCore import QObject, Signal

from aiproxy_desktop.services.images.catalogue import OF_NEW_PICTURES, ImageModels, ImageOffer
from aiproxy_desktop.services.images.habits import StudioHabits
from aiproxy_desktop.services.images.library import ImageLibrary
from aiproxy_desktop.services.images.runs import ImageRuns
from aiproxy_desktop.services.images.tasks import Estimate, Run
from aiproxy_desktop.services.task_scope import TaskScope
from aiproxy_desktop.storage.image_query import GalleryQuery
from aiproxy_desktop.storage.image_records import StoredImage
from aiproxy_desktop.ui.images.panel.choices import Choices
from aiproxy_desktop.ui.images.panel.controls import Chosen, Control, Section, sections_of
from aiproxy_desktop.ui.images.panel.request import (
    MOST_MODELS,
    EditParts,
    MaskState,
    Pictures,
    obstacle,
    tasks_of,
)
from aiproxy_desktop.ui.images.panel.words import cost_before
from aiproxy_desktop.ui.translation import tr

Room: TypeAlias = Literal["generate", "edit"]

_MOST_HISTORY = 50


@dataclass(frozen=True, slots=True)
class Asked:
    """What was just begun: one prompt, a run for each model."""

    group: str
    prompt: str
    runs: tuple[Run, ...]


class RequestViewModel(QObject):
    """One panel's state; await `close` at the end."""

    prompt_changed = Signal()  # by someone other than the field: read `prompt`
    models_changed = Signal()  # read `offers` and `chosen`
    controls_changed = Signal()  # other controls or values: read `sections`, `value`
    pictures_changed = Signal()  # read `pictures`, `most_references`
    state_changed = Signal()  # read `why_not`, `cost_line`, `running`
    started = Signal(object)  # Asked
    failed = Signal(object)  # AIProxyError

    def __init__(
        self,
        models: ImageModels,
        runs: ImageRuns,
        library: ImageLibrary,
        on_unexpected: Callable[[Exception], None],
        *,
        room: Room = "generate",
        habits: StudioHabits | None = None,
        parent: QObject | None = None,
    ) -> None:
        """Wire up; nothing is asked before `run`.

        Args:
            models: which there are.
            runs: where requests go.
            library: where the pictures lie.
            on_unexpected: told what nobody planned for.
            room: `edit` changes a base, `generate` makes new pictures.
            habits: what was written here the last time.
            parent: of the QObject.
        """
        super().__init__(parent)
        self.room: Room = room
        self.library = library
        self._models = models
        self._runs = runs
        self._scope = TaskScope("request", on_unexpected)
        self._habits = habits
        self._prompt = "" if habits is None else habits.draft(room)
        self._history: tuple[str, ...] = ()
        self._history_read = False
        self._chosen: tuple[str, ...] = ()
        self._choices = Choices()
        last = models.last_options
        own = OF_NEW_PICTURES if room == "edit" else ()
        self._choices.take({name: value for name, value in last.items() if name not in own})
        self._usual = ""
        self._pictures = Pictures()
        self._sections: tuple[Section, ...] = ()
        self._edit_source: Callable[[], Awaitable[EditParts]] | None = None
        self._running: dict[str, Run] = {}
        self._starting = False
        self._unsubscribe = [models.changed.add(self._models_changed), runs.changed.add(self._run_changed)]
        self._cut()

    async def close(self) -> None:
        """Follow nothing any more. What runs goes on: it is the runs' own."""
        for unsubscribe in self._unsubscribe:
            unsubscribe()
        self._unsubscribe = []
        await self._scope.close()
        if self._habits is not None:
            await self._habits.keep_draft(self.room, self._prompt)

    # The prompt

    @property
    def prompt(self) -> str:
        """As typed."""
        return self._prompt

    @property
    def history(self) -> tuple[str, ...]:
        """Prompts that were used, newest first."""
        return self._history

    def type_prompt(self, text: str) -> None:
        """The field holds this now."""
        if text != self._prompt:
            self._prompt = text
            self.state_changed.emit()

    def set_prompt(self, text: str) -> None:
        """Put another text into the field."""
        if text != self._prompt:
            self._prompt = text
            self.prompt_changed.emit()
            self.state_changed.emit()

    def read_history(self) -> None:
        """Read the prompts of former sessions; the second call does nothing."""
        if not self._history_read and not self._scope.closed:
            self._history_read = True
            self._scope.attempt(self._read_history, self.failed.emit, "history")

    async def _read_history(self) -> None:
        rows = await self.library.search(GalleryQuery())
        images = await self.library.many([row.id for row in rows if row.caption][:_MOST_HISTORY])
        self.set_history([image.prompt for image in images])
        self.state_changed.emit()

    def set_history(self, prompts: Sequence[str]) -> None:
        """Earlier prompts, newest first, after those of this session."""
        whole = dict.fromkeys((*self._history, *filter(None, (one.strip() for one in prompts))))
        self._history = tuple(whole)[:_MOST_HISTORY]

    # Models

    @property
    def offers(self) -> tuple[ImageOffer, ...]:
        """Every image model, those that are not ready included."""
        return self._models.all

    @property
    def chosen(self) -> tuple[ImageOffer, ...]:
        """The models that are asked: those picked, else the one used last when that was first known."""
        found = [self._models.offer_for(reference) for reference in self._chosen]
        picked = tuple(offer for offer in found if offer is not None)
        usual = self._models.offer_for(self._usual)
        return picked or (() if usual is None else (usual,))

    def choose(self, reference: str) -> None:
        """Ask this model alone."""
        self._choose((reference,))

    def toggle(self, reference: str) -> None:
        """Ask this model too, or no more; one stays, four are the most."""
        now = tuple(offer.reference for offer in self.chosen)
        if reference in now:
            now = tuple(one for one in now if one != reference) or now
        elif len(now) < MOST_MODELS:
            now = (*now, reference)
        self._choose(now)

    def _choose(self, references: tuple[str, ...]) -> None:
        if references != self._chosen:
            self._chosen = references
            self._cut()
            self.models_changed.emit()
            self.controls_changed.emit()
            self.pictures_changed.emit()
            self.state_changed.emit()

    # Controls

    @property
    def sections(self) -> tuple[Section, ...]:
        """The controls of the chosen models: what is common first, then each one's own."""
        return self._sections

    def shown(self, section: Section) -> tuple[Control, ...]:
        """The controls of a section that mean something with the values as they are."""
        return self._choices.shown(section, self._sections)

    def value(self, section: Section, control: Control) -> str | int:
        """The value in force, which is the one that is sent."""
        return self._choices.effective(section, control)

    def set_value(self, section: Section, option: str, value: str | int) -> None:
        """Choose a value."""
        self._choices.choose(section, option, value)
        self.controls_changed.emit()
        self.state_changed.emit()

    def use_settings(self, image: StoredImage) -> None:
        """Ask again as this picture was asked for: its prompt, its model, its options."""
        self._choices.take(image.parameters)
        if self._models.offer_for(image.model) is not None:
            self._chosen = (image.model,)
        self._cut()
        self.models_changed.emit()
        self.controls_changed.emit()
        self.pictures_changed.emit()
        self.set_prompt(image.prompt)
        self.state_changed.emit()

    # Pictures

    @property
    def pictures(self) -> Pictures:
        """What goes along."""
        return self._pictures

    @property
    def without_masks(self) -> tuple[str, ...]:
        """The names of the chosen models that are known to take no mask."""
        known = [offer for offer in self.chosen if offer.facts is not None and offer.facts.edits]
        return tuple(offer.name for offer in known if offer.facts is not None and not offer.facts.masks)

    @property
    def most_references(self) -> int:
        """How many reference pictures the chosen models take."""
        return self._pictures.most_references(self.chosen)

    def set_base(self, image: StoredImage | None) -> None:
        """Change this picture."""
        self._show(replace(self._pictures, base=image))

    def set_mask_state(self, has_mask: bool, *, extends: bool = False, problem: str = "") -> None:
        """What is known of the mask; the mask itself is asked for when it is needed."""
        self._show(replace(self._pictures, mask=MaskState(has_mask, extends, problem)))

    def set_edit_source(self, source: Callable[[], Awaitable[EditParts]] | None) -> None:
        """Where the mask comes from when the request is sent."""
        self._edit_source = source

    def set_protect(self, protect: bool) -> None:
        """Whether everything outside the mask stays as it is, whatever the model makes of it."""
        self._show(replace(self._pictures, protect=protect))

    def add_references(self, images: Sequence[StoredImage]) -> None:
        """Pictures to go by; the same one counts once."""
        known = {image.id for image in self._pictures.references}
        new = tuple(image for image in images if image.id not in known)
        self._show(replace(self._pictures, references=(*self._pictures.references, *new)))

    def add_reference_ids(self, ids: Sequence[str]) -> None:
        """The same by their ids; those that are gone are left out."""

        async def work() -> None:
            self.add_references(await self.library.many(ids))

        if not self._scope.closed:
            self._scope.attempt(work, self.failed.emit, "references")

    def remove_reference(self, image_id: str) -> None:
        """Take one away."""
        rest = tuple(image for image in self._pictures.references if image.id != image_id)
        self._show(replace(self._pictures, references=rest))

    def _show(self, pictures: Pictures) -> None:
        if pictures == self._pictures:
            return
        editing = self._pictures.any
        self._pictures = pictures
        if pictures.any != editing:
            self._cut()
            self.controls_changed.emit()
        self.pictures_changed.emit()
        self.state_changed.emit()

    # Sending

    @property
    def why_not(self) -> str:
        """Why this cannot be sent, as one sentence; empty where it can."""
        return self._obstacle(self._prompt)

    @property
    def why_beside_prompt(self) -> str:
        """The same as if there were a prompt."""
        return self._obstacle("-")

    def _obstacle(self, prompt: str) -> str:
        return obstacle(
            self.room,
            prompt,
            self.offers,
            self.chosen,
            self._choices,
            self._sections,
            self._pictures,
        )

    @property
    def action(self) -> str:
        """The word on the button."""
        if self.room == "generate":
            return tr("Generate")
        if self._pictures.mask.extends:
            return tr("Extend picture")
        return tr("Edit masked area") if self._pictures.mask.has_mask else tr("Edit picture")

    @property
    def running(self) -> tuple[Run, ...]:
        """What was begun here and goes on."""
        return tuple(self._running.values())

    @property
    def busy(self) -> bool:
        """Whether it is being sent or goes on."""
        return self._starting or bool(self._running)

    @property
    def cost_line(self) -> str:
        """How many pictures, and what they are likely to cost."""
        try:
            tasks = tasks_of(self._prompt, self.chosen, self._choices, self._sections, self._pictures)
        except ValueError:
            return ""
        if not tasks:
            return ""
        estimates: list[Estimate] = [self._runs.estimate(task) for task in tasks]
        return cost_before(sum(task.count for task in tasks), [one.usd for one in estimates])

    def run(self) -> None:
        """Send it, where nothing stands against it and it does not go on already."""
        if not self.busy and not self.why_not and not self._scope.closed:
            self._starting = True
            self.state_changed.emit()
            self._scope.attempt(self._run, self.failed.emit, "run")

    def cancel(self) -> None:
        """Stop what was begun here; what is finished stays."""
        for run in self.running:
            self._runs.cancel(run.id)

    async def _run(self) -> None:
        try:
            source = self._edit_source
            wanted = source is not None and self._pictures.base is not None
            parts = await source() if wanted and source is not None else EditParts()
            group = uuid4().hex
            tasks = tasks_of(
                self._prompt, self.chosen, self._choices, self._sections, self._pictures, parts, group
            )
            self._running |= {run.id: run for run in map(self._runs.start, tasks)}
            runs = self.running
        finally:
            self._starting = False
        self._history = tuple(dict.fromkeys((self._prompt.strip(), *self._history)))[:_MOST_HISTORY]
        self.started.emit(Asked(group, self._prompt.strip(), runs))
        self._forget_ended()
        self.state_changed.emit()

    # Inside

    def _cut(self) -> None:
        """Cut the controls for the chosen models again."""
        usual = self._models.offer_for(self._usual)
        if usual is None or not usual.ready:
            # Looked up once: what other rooms ask meanwhile changes nothing here.
            default = self._models.default
            self._usual = "" if default is None else default.reference
        chosen = [Chosen(offer.reference, offer.name, offer.facts) for offer in self.chosen]
        self._sections = sections_of(chosen, editing=self._pictures.any) if chosen else ()

    def _models_changed(self) -> None:
        self._cut()
        self.models_changed.emit()
        self.controls_changed.emit()
        self.pictures_changed.emit()
        self.state_changed.emit()

    def _run_changed(self, run: Run) -> None:
        if run.id in self._running and run.state != "running":
            del self._running[run.id]
            self.state_changed.emit()

    def _forget_ended(self) -> None:
        """A run can be over before its start was told."""
        now = {run_id: self._runs.get(run_id) for run_id in self._running}
        self._running = {
            run_id: run for run_id, run in now.items() if run is not None and run.state == "running"
        }
