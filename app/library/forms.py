"""What people send when they bring a text, and the article that it makes."""

from pydantic import BaseModel, Field

from app.forms import FormId, Text, Uploaded
from app.library.importing import ImportedArticle, corrected, read_file, read_pasted
from app.library.importing.decoding import decoded
from app.text import canonical


class Upload(BaseModel):
    """A text by paste or by file."""

    text: str = ""
    file: Uploaded | str | None = None

    @property
    def sent_file(self) -> Uploaded | None:
        """The file, if one was chosen."""
        return self.file if isinstance(self.file, Uploaded) and self.file.name else None

    def read(self) -> tuple[ImportedArticle, str, str]:
        """The article, with the source and the name by which it is parsed again. Raises ImportRefused."""
        if file := self.sent_file:
            name = "file.md" if file.name.lower().endswith((".md", ".markdown")) else "file.txt"
            return read_file(file.name, file.content), canonical(decoded(file.content)), name
        return read_pasted(self.text), canonical(self.text), "pasted.txt"


class NewArticle(BaseModel):
    """A previewed text with its corrections: a kind for each block, in order, such as heading-2."""

    uid: FormId = ""
    source: str
    name: str = "pasted.txt"
    title: Text
    language: str
    direction: str
    kind: list[str] = Field(default_factory=list)

    def parsed(self) -> ImportedArticle:
        """The article as it was recognised. Raises ImportRefused."""
        if self.name == "pasted.txt":
            return read_pasted(self.source)
        return read_file(
            self.name if self.name in {"file.md", "file.txt"} else "file.txt", self.source.encode()
        )

    def corrected(self, imported: ImportedArticle) -> ImportedArticle:
        """The article as its owner corrected it. Raises ImportRefused."""
        kinds, levels = {}, {}
        for n, chosen in enumerate(self.kind):
            kind, _dash, level = chosen.partition("-")
            kinds[n] = kind
            if level.isdigit():
                levels[n] = int(level)
        return corrected(
            imported,
            title=self.title,
            language=self.language,
            direction=self.direction,
            kinds=kinds,
            levels=levels,
        )
