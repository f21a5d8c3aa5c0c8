"""A guess at a text's language from its script and its commonest words, and at its direction."""

from collections import Counter
from unicodedata import bidirectional

import regex

UNKNOWN = "und"
SAMPLE = 20_000
# So many of a hundred words must be among a language's commonest, for it to be that language.
_LEAST_SHARE = 8

_SCRIPTS = {
    name: regex.compile(rf"\p{{{name}}}")
    for name in (
        "Latin", "Arabic", "Hebrew", "Devanagari", "Hiragana", "Katakana", "Han", "Hangul", "Thai",
        "Cyrillic", "Greek",
    )
}  # fmt: skip
_OF_ONE_SCRIPT = {"Hebrew": "he", "Hangul": "ko", "Thai": "th", "Greek": "el"}

_COMMON = {
    "Latin": {
        "en": "the of and to in is that it was for with as his on be at by this had not are but from",
        "de": "der die und das ist nicht ein zu den mit von auf sich auch dem eine für im als wird des sind",
        "fr": "le les et des est une dans qui que pour pas du sur au plus avec par ce il sont ont aux mais",
        "es": "el los y las es una del que en por con para su al como más pero sus fue este ha lo son",
        "it": "il di che è un per non una sono del della con gli i nel anche ha si alla come più dei le ma",
        "pt": "o e os do da que não uma em um para com dos as das no na por mais foi como ao",
        "nl": "de het een van en dat niet zijn op te voor met die aan er ook als bij naar door maar wordt is",
        "tr": "ve bir bu için ile da de olarak çok daha olan gibi ne kadar sonra değil var her ama ki en",
    },
    "Arabic": {
        "fa": "و در به از که این را با است برای آن یک می ها شد خود تا هر بر او حق دارد شود بود",
        "ar": "في من على أن إلى التي عن لا ما هذا هذه مع كان الذي أو كل قد لم بين إن ذلك ولا له",
        "ur": "کے کی میں ہے اور سے کا کو نے ہیں پر کہ اس یہ تھا نہیں بھی ایک وہ تھے کیا جو لئے ہو",
    },
    "Devanagari": {
        "hi": "के में है की और से का को पर हैं यह कि ने था एक नहीं भी इस लिए या हो किसी जो तथा",
        "mr": "आहे आणि या च्या मध्ये हा ही ते आहेत व की नाही होते एक झाला त्या हे तर",
        "ne": "छ र को मा लाई छन् यो पनि गर्न भएको हो एक गरेको थियो हुन्छ तथा",
    },
    "Cyrillic": {
        "ru": "и в не на что он с как это по но из у за от она для был его так же вы или все",
        "uk": "і в не на що він з як це та до але у за від вона для його так є або також які",
    },
}  # fmt: skip
_WORDS_OF = {
    script: {language: frozenset(line.split()) for language, line in lines.items()}
    for script, lines in _COMMON.items()
}
_WORD = regex.compile(r"[\p{L}\p{M}\u200c]+")


def language_of(text: str) -> str:
    """BCP 47 language of `text`, judged by its first characters; "und" when nothing speaks for one."""
    sample = text[:SAMPLE]
    counts = {script: len(pattern.findall(sample)) for script, pattern in _SCRIPTS.items()}
    kana = counts.pop("Hiragana") + counts.pop("Katakana")
    counts["Han"] += kana
    script = max(counts, key=lambda name: counts[name])
    if not counts[script]:
        return UNKNOWN
    if script == "Han":
        return "ja" if kana * 10 > counts["Han"] else "zh"
    return _OF_ONE_SCRIPT.get(script) or _by_common_words(sample, script)


def _by_common_words(sample: str, script: str) -> str:
    """The language that has most of its commonest words in the sample."""
    counts = Counter(_WORD.findall(sample.casefold()))
    scores = {
        language: sum(counts[word] for word in common) for language, common in _WORDS_OF[script].items()
    }
    best = max(scores, key=lambda language: scores[language])
    return best if scores[best] * 100 >= _LEAST_SHARE * counts.total() else UNKNOWN


def direction_of(text: str) -> str:
    """'rtl' or 'ltr': that of most strong characters (UAX #9) at the beginning; the first settles a tie."""
    strong = [kind for kind in map(bidirectional, text[:SAMPLE]) if kind in ("L", "R", "AL")]
    leftward = sum(kind != "L" for kind in strong)
    if not strong or leftward * 2 < len(strong):
        return "ltr"
    return "rtl" if leftward * 2 > len(strong) or strong[0] != "L" else "ltr"
