"""The four tags that every new tagset starts with: actor, claim, hedge and prediction."""

from dataclasses import dataclass

from app.language import _


@dataclass(frozen=True)
class DefaultTag:
    """A tag and its page of the codebook; the examples hold the marked words in **double asterisks**."""

    key: str
    name: str
    colour: str
    line: str
    shortcut: str
    definition: str
    example: str
    counter_example: str
    not_to_be_confused: str


# An actor can act, which is what political science asks of one, in person or under another name (metonymy).
ACTOR = DefaultTag(
    key="actor",
    name=_("actor"),
    colour="orange",
    line="solid",
    shortcut="1",
    definition=_(
        "A person, group, institution or state that the text shows acting, speaking, deciding or wanting "
        "something. Mark the words that name it, also where a place stands for the people who decide there."
    ),
    example=_("**The city council** turned the plan down, although **the mayor** had asked for more time."),
    counter_example=_(
        "“The ministers met in Vienna.” Vienna is only the place of the meeting and does nothing. In "
        "“**Vienna** rejected the offer” the same name stands for a government, and is an actor."
    ),
    not_to_be_confused=_(
        "Claim: the actor is whoever speaks or acts, the claim is what is said to be so. Ask “who?” to find "
        "the one and “what do they want us to accept?” to find the other."
    ),
)

# Toulmin's sense: what is put forward for others to accept, and may be asked for its grounds.
CLAIM = DefaultTag(
    key="claim",
    name=_("claim"),
    colour="blue",
    line="double",
    shortcut="2",
    definition=_(
        "A statement that the writer, or somebody in the text, puts forward as true or right, and that a "
        "reasonable reader could challenge by asking “why should I accept that?”. It may be about facts, "
        "causes, values or what ought to be done; whether it is in fact true plays no part."
    ),
    example=_("**The new bus lanes have made the centre safer**, the mayor told reporters."),
    counter_example=_(
        "“The council met on Monday.” This is put forward as true as well, but only as background that "
        "nobody here disputes, so there is nothing to argue about."
    ),
    not_to_be_confused=_(
        "Prediction: a claim says how things are, were or ought to be; a prediction says what is going to "
        "happen, and only time can settle it."
    ),
)

# Lakoff (1973): words that make things fuzzier; Hyland (1998): commitment withheld. Boosters are left out.
HEDGE = DefaultTag(
    key="hedge",
    name=_("hedge"),
    colour="green",
    line="wavy",
    shortcut="3",
    definition=_(
        "A word or phrase by which a writer or speaker holds back from full commitment: it makes what is "
        "said less certain, less exact or less sweeping. Mark only the words that do the softening, not the "
        "whole statement."
    ),
    example=_("The repairs **may** take **about** a year, and the budget **appears** to be gone."),
    counter_example=_(
        "“Pupils may leave at noon.” Here “may” gives permission and makes nothing less certain. Judge a "
        "word by its work in the sentence, not by its look."
    ),
    not_to_be_confused=_(
        "Prediction: in “the strike could end on Friday” the whole statement is the prediction, and “could” "
        "alone is the hedge inside it. If taking the words out leaves a bolder statement, they are a hedge."
    ),
)

PREDICTION = DefaultTag(
    key="prediction",
    name=_("prediction"),
    colour="purple",
    line="dashed",
    shortcut="4",
    definition=_(
        "A statement about what will or will not happen after the text was written, which can turn out true "
        "or false. It may be bold or guarded, and it may depend on a condition; mark the condition too."
    ),
    example=_("**If the rain goes on, the river will reach the old town by Sunday.**"),
    counter_example=_(
        "“The mayor wants to win the next election.” The election lies ahead, but the sentence reports a "
        "wish that she has now: it does not say who will win."
    ),
    not_to_be_confused=_(
        "Claim: ask when it can be settled. If only what happens later can show who was right, it is a "
        "prediction; if evidence and reasons could show it today, it is a claim. “Ought to” makes a claim, "
        "“will” a prediction."
    ),
)

DEFAULT_TAGS: tuple[DefaultTag, ...] = (ACTOR, CLAIM, HEDGE, PREDICTION)
