"""What kinds of media there are, told by their bytes first and by their label second."""

from __future__ import annotations

from dataclasses import dataclass

from aiproxy_desktop.core.messages import MediaKind, MediaPart

MIB = 1024 * 1024


@dataclass(frozen=True, slots=True)
class MediaLimits:
    """Bytes that one part of each kind may have, and all parts of a request together.

    Media are held in memory. Providers take less inline and more through their file services (Gemini
    2 GB a file); what exceeds these bounds has to be put there first and named by its id.
    """

    image: int = 50 * MIB
    audio: int = 200 * MIB
    video: int = 200 * MIB
    document: int = 200 * MIB
    request: int = 256 * MIB

    def of(self, kind: MediaKind) -> int:
        """The bound of one part."""
        return {"image": self.image, "audio": self.audio, "video": self.video}.get(kind, self.document)


USUAL_LIMITS = MediaLimits()


class UnreadableMedia(ValueError):  # noqa: N818  # a finding, which its finder puts into an error of ours
    """Bytes that are no media part. `what` goes on from the part's name; `advice` says what to do."""

    def __init__(self, what: str, advice: str) -> None:
        super().__init__(what)
        self.what = what
        self.advice = advice


_OFFICE = "application/vnd.openxmlformats-officedocument"
# Types by IANA's names where it has one, and the names of their formats, which are file extensions too.
_EXTENSIONS = {
    "image/png": "png",
    "image/jpeg": "jpg jpeg",
    "image/gif": "gif",
    "image/webp": "webp",
    "image/heic": "heic",
    "image/heif": "heif",
    "image/avif": "avif",
    "image/bmp": "bmp",
    "image/tiff": "tif tiff",
    "audio/mpeg": "mp3",
    "audio/wav": "wav",
    "audio/aac": "aac",
    "audio/ogg": "ogg oga opus",
    "audio/flac": "flac",
    "audio/mp4": "m4a",
    "audio/aiff": "aif aiff",
    "audio/webm": "weba",
    "video/mp4": "mp4 m4v",
    "video/quicktime": "mov",
    "video/webm": "webm",
    "video/mpeg": "mpg mpeg",
    "video/x-msvideo": "avi",
    "video/3gpp": "3gp",
    "video/x-ms-wmv": "wmv",
    "video/x-flv": "flv",
    "video/x-matroska": "mkv",
    "application/pdf": "pdf",
    "application/rtf": "rtf",
    f"{_OFFICE}.wordprocessingml.document": "docx",
    f"{_OFFICE}.spreadsheetml.sheet": "xlsx",
    f"{_OFFICE}.presentationml.presentation": "pptx",
    "text/plain": "txt text log c h cpp hpp cs go java kt rs rb php swift ts tsx jsx lua r sql sh toml",
    "text/markdown": "md markdown",
    "text/csv": "csv",
    "text/tab-separated-values": "tsv",
    "text/html": "html htm",
    "text/css": "css",
    "text/javascript": "js",
    "text/x-python": "py",
    "text/x-rst": "rst",
    "text/x-tex": "tex",
    "application/json": "json",
    "application/xml": "xml",
    "application/yaml": "yaml yml",
}
FORMATS: dict[str, str] = {name: mime for mime, names in _EXTENSIONS.items() for name in names.split()}
AUDIO_FORMATS = ("mp3", "wav", "aac", "ogg", "flac", "m4a", "aiff", "webm", "opus")

_OTHER_NAMES = {
    "image/jpg": "image/jpeg",
    "image/pjpeg": "image/jpeg",
    "image/x-png": "image/png",
    "image/x-ms-bmp": "image/bmp",
    "audio/mp3": "audio/mpeg",
    "audio/x-mp3": "audio/mpeg",
    "audio/mpga": "audio/mpeg",
    "audio/x-wav": "audio/wav",
    "audio/wave": "audio/wav",
    "audio/vnd.wave": "audio/wav",
    "audio/x-flac": "audio/flac",
    "audio/x-aac": "audio/aac",
    "audio/aacp": "audio/aac",
    "audio/x-aiff": "audio/aiff",
    "audio/m4a": "audio/mp4",
    "audio/x-m4a": "audio/mp4",
    "audio/opus": "audio/ogg",
    "application/ogg": "audio/ogg",
    "video/mov": "video/quicktime",
    "video/avi": "video/x-msvideo",
    "application/x-pdf": "application/pdf",
    "text/x-markdown": "text/markdown",
    "text/json": "application/json",
    "text/xml": "application/xml",
    "text/yaml": "application/yaml",
    "application/x-yaml": "application/yaml",
}
# These say nothing about what the bytes are.
_NO_TYPE = {
    "",
    "application/octet-stream",
    "binary/octet-stream",
    "application/binary",
    "application/unknown",
}

_TEXT = {
    *("application/json", "application/xml", "application/yaml", "application/javascript"),
    *("application/x-javascript", "application/toml", "application/sql", "application/x-sh"),
    *("application/x-ndjson", "application/x-python", "application/csv"),
}

# What stands at the very beginning of a file.
_MARKS: tuple[tuple[bytes, str], ...] = (
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"GIF87a", "image/gif"),
    (b"GIF89a", "image/gif"),
    (b"II*\x00", "image/tiff"),
    (b"MM\x00*", "image/tiff"),
    (b"%PDF-", "application/pdf"),
    (b"\xef\xbb\xbf%PDF-", "application/pdf"),
    (b"ID3", "audio/mpeg"),
    (b"fLaC", "audio/flac"),
    (b"ADIF", "audio/aac"),
    (b"FLV\x01", "video/x-flv"),
    (b"\x00\x00\x01\xba", "video/mpeg"),
    (b"\x00\x00\x01\xb3", "video/mpeg"),
    (b"\x30\x26\xb2\x75\x8e\x66\xcf\x11", "video/x-ms-wmv"),
)
# The type in the eight bytes after the size of a container: RIFF's and IFF's form, in bytes 8 to 12.
_FORMS = {
    (b"RIFF", b"WEBP"): "image/webp",
    (b"RIFF", b"WAVE"): "audio/wav",
    (b"RIFF", b"AVI "): "video/x-msvideo",
    (b"FORM", b"AIFF"): "audio/aiff",
    (b"FORM", b"AIFC"): "audio/aiff",
}
# Major brands of ISO media files (ISO/IEC 14496-12); every other one is a film.
_BRANDS = {
    **dict.fromkeys((b"heic", b"heix", b"heim", b"heis"), "image/heic"),
    **dict.fromkeys((b"mif1", b"msf1", b"hevc", b"hevx"), "image/heif"),
    **dict.fromkeys((b"avif", b"avis"), "image/avif"),
    **dict.fromkeys((b"M4A ", b"M4B ", b"M4P "), "audio/mp4"),
    b"qt  ": "video/quicktime",
}
# One container for sound and film: what the sender calls it decides.
_AS_AUDIO = {"video/mp4": "audio/mp4", "video/webm": "audio/webm", "video/ogg": "audio/ogg"}
_AS_VIDEO = {sound: film for film, sound in _AS_AUDIO.items()}


def kind_of(mime: str) -> MediaKind:
    """The kind that a type belongs to; what is neither seen nor heard is a document."""
    family = mime.partition("/")[0]
    if family == "image":
        return "image"
    if family == "audio":
        return "audio"
    return "video" if family == "video" else "document"


def is_text(mime: str) -> bool:
    """Whether a type is text, to be read as UTF-8."""
    return mime.startswith("text/") or mime in _TEXT or mime.endswith(("+json", "+xml", "+yaml"))


def plain_type(label: str) -> str:
    """A type without parameters, in lower case and by its usual name; empty where it says nothing."""
    mime = label.partition(";")[0].strip().lower()
    mime = _OTHER_NAMES.get(mime, mime)
    return "" if mime in _NO_TYPE else mime


def type_by_name(name: str) -> str:
    """The type that a file name's extension stands for, or nothing."""
    return FORMATS.get(name.rpartition(".")[2].lower(), "") if "." in name else ""


def sniff(data: bytes) -> str:
    """The type that the first bytes leave no doubt about, or nothing."""
    for mark, mime in _MARKS:
        if data.startswith(mark):
            return mime
    form = _FORMS.get((data[:4], data[8:12]))
    if form is not None:
        return form
    if data[4:8] == b"ftyp":
        brand = data[8:12]
        return _BRANDS.get(brand) or ("video/3gpp" if brand.startswith(b"3g") else "video/mp4")
    if data.startswith(b"OggS"):
        return "video/ogg" if b"theora" in data[:512] else "audio/ogg"
    if data.startswith(b"\x1aE\xdf\xa3"):
        return "video/webm" if b"webm" in data[:128] else "video/x-matroska"
    return ""


def identify(kind: MediaKind, data: bytes, label: str = "", name: str = "") -> MediaPart:
    """Bytes as a part of what they are, whatever they were said to be.

    Args:
        kind: what they were given as; it decides only where the bytes leave it open.
        data: all of them.
        label: a type that came with them.
        name: a file name that came with them.

    Raises:
        UnreadableMedia: no bytes, no known type, or text that is not UTF-8.
    """
    if not data:
        raise UnreadableMedia("holds no bytes", "Send the whole file.")
    mime = _of_kind(kind, sniff(data)) or plain_type(label) or _guess(kind, data) or type_by_name(name)
    if not mime or "/" not in mime:
        raise UnreadableMedia(
            "is of no known type", "Say which it is, with a MIME type as in “image/png” or a file name."
        )
    if is_text(mime):
        try:
            data.decode("utf-8")
        except UnicodeDecodeError:
            raise UnreadableMedia("is not UTF-8 text", "Save it as UTF-8 or as PDF, and send that.") from None
    return MediaPart(kind_of(mime), mime, data, name)


def _of_kind(kind: MediaKind, mime: str) -> str:
    if kind == "audio":
        return _AS_AUDIO.get(mime, mime)
    return _AS_VIDEO.get(mime, mime) if kind == "video" and mime != "audio/mp4" else mime


def _guess(kind: MediaKind, data: bytes) -> str:
    """Types whose marks are too short to overrule a label: MPEG frames, ADTS frames, Windows bitmaps."""
    if kind == "audio" and len(data) > 1 and data[0] == 0xFF and data[1] & 0xE0 == 0xE0:
        layer = data[1] & 0x06
        return "audio/mpeg" if layer else "audio/aac"
    return "image/bmp" if kind == "image" and data.startswith(b"BM") else ""
