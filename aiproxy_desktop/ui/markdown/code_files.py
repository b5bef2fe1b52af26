"""What a file of code is called: by its language, never by words of the message."""

from __future__ import annotations

from typing import Final

# Languages whose name is not their extension too; the names are those that fences use.
_EXTENSIONS: Final = {
    "assembly": "asm",
    "bash": "sh",
    "bat": "bat",
    "batch": "bat",
    "c#": "cs",
    "c++": "cpp",
    "clojure": "clj",
    "console": "txt",
    "csharp": "cs",
    "cython": "pyx",
    "docker": "dockerfile",
    "elixir": "ex",
    "erlang": "erl",
    "f#": "fs",
    "fortran": "f90",
    "fsharp": "fs",
    "golang": "go",
    "haskell": "hs",
    "javascript": "js",
    "jsonlines": "jsonl",
    "julia": "jl",
    "kotlin": "kt",
    "latex": "tex",
    "make": "mk",
    "makefile": "mk",
    "markdown": "md",
    "matlab": "m",
    "mermaid": "mmd",
    "node": "js",
    "objective-c": "m",
    "objectivec": "m",
    "ocaml": "ml",
    "pascal": "pas",
    "perl": "pl",
    "plaintext": "txt",
    "powershell": "ps1",
    "prolog": "pro",
    "protobuf": "proto",
    "ps": "ps1",
    "pwsh": "ps1",
    "py3": "py",
    "python": "py",
    "python3": "py",
    "ruby": "rb",
    "rust": "rs",
    "shell": "sh",
    "solidity": "sol",
    "terraform": "tf",
    "text": "txt",
    "typescript": "ts",
    "verilog": "v",
    "vhdl": "vhd",
    "visualbasic": "vb",
    "vue": "vue",
    "yml": "yaml",
    "zsh": "sh",
}

# Languages whose name is their extension.
_SAME: Final = frozenset(
    {
        *("asm", "awk", "bat", "c", "cc", "clj", "cpp", "cs", "css", "csv", "cu", "cue"),
        *("dart", "diff", "ex", "fs", "glsl", "go", "graphql", "groovy", "h", "hcl", "hpp", "hs"),
        *("html", "ini", "ipynb", "java", "jl", "js", "json", "jsonl", "jsx", "kt", "less", "lisp"),
        *("lua", "m", "md", "ml", "mmd", "nix", "nim", "patch", "php", "pl", "proto", "ps1"),
        *("py", "pyi", "r", "rb", "rs", "rst", "sass", "scala", "scss", "sh", "sol", "sql"),
        *("svelte", "svg", "swift", "tcl", "tex", "tf", "toml", "ts", "tsx", "tsv", "v", "vb"),
        *("vhd", "vue", "wgsl", "xml", "yaml", "zig"),
    }
)


def extension(language: str) -> str:
    """The usual extension, without the dot, for the word after a fence; `txt` where it is not known."""
    known = language.lower().strip("{}.")
    return _EXTENSIONS.get(known) or (known if known in _SAME else "txt")


def file_name(stem: str, language: str) -> str:
    """A file name for code in a language: `code.py`."""
    return f"{stem}.{extension(language)}"
