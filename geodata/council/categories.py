"""Turn a source's words for kinds of report into our closed list.

The words of council systems, of the police's national standard (NSIR) and of residents' forms are
known beforehand; a profile adds or overrules. What neither knows stays as it is written, counts as
'unknown' and is listed, so that a person can map it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from geodata.vocabularies import CATEGORIES, CATEGORY_BY_CODE, POLICE_UK_CATEGORY

UNKNOWN = "unknown"

_WORDINGS: dict[str, str] = {
    "noise_domestic": (
        "noise|noise nuisance|domestic noise|noise domestic|noise from neighbours|neighbour noise|"
        "neighbours|noisy neighbours|loud music|music|loud party|party|parties|house party|tv|"
        "loud tv|television|diy|noise diy|nuisance neighbours|rowdy or nuisance neighbours|"
        "rowdy nuisance neighbours|neighbour nuisance|neighbour dispute|neighbour disputes|"
        "residential noise|noise residential|noise music|noise loud music|noise party|"
        "noise parties|noise tv|noise shouting|noise neighbours|amplified music|banging|"
        "banging doors|noise complaint|noise complaints|household noise|alarm house|house alarm"
    ),
    "noise_street_commercial": (
        "street noise|noise street|commercial noise|noise commercial|music pub|music club|"
        "music other|pub|pub noise|club noise|pub music|club music|noise pub club|noise from pub|"
        "licensed premises|noise licensed premises|construction|construction noise|"
        "noise construction|building works|building site|building site noise|deliveries|"
        "delivery noise|buskers|busking|busker|festival|event noise|roadworks|road works|road|"
        "road noise|traffic noise|plant machinery|plant street|machinery|alarm|alarms|car alarm|"
        "car alarms|alarm car|burglar alarm|intruder alarm|noise alarm|noise vehicle|"
        "noise alarms|ventilation|air conditioning|noise business|entertainment noise|"
        "street entertainment|loudspeaker|loudspeakers in street|noise from venue|venue noise"
    ),
    "rowdy": (
        "rowdy|rowdy behaviour|rowdy inconsiderate|rowdy or inconsiderate|"
        "rowdy or inconsiderate behaviour|rowdy and inconsiderate behaviour|"
        "rowdy inconsiderate behaviour|inconsiderate behaviour|disorderly behaviour|disorderly|"
        "shouting|shouting in street|shouting and swearing|swearing|drunken behaviour|drunkenness|"
        "drunk and disorderly|rowdy drunken behaviour|nuisance|public nuisance|nuisance behaviour|"
        "general nuisance|disturbance|public disturbance|fighting|large gathering|gathering|"
        "unauthorised gathering|urination|urinating|public urination|urinating in public|"
        "street urination|ball games|loitering in groups"
    ),
    "youth_groups": (
        "youths|youth nuisance|youth disorder|youth asb|groups|group|groups of youths|"
        "groups of young people|gang|gangs|gathering of youths|groups causing concern|"
        "young people|nuisance youths|groups loitering|loitering|congregating|"
        "groups congregating|youths congregating|group intimidation|gang activity|gang related"
    ),
    "drug_dealing": (
        "drug dealing|dealing|drugs dealing|drug supply|supply of drugs|drug dealer|drug dealers|"
        "dealing drugs|drugs supply|suspected drug dealing|drug activity dealing|cuckooing|"
        "drug misuse and dealing|drug dealing and use|drugs dealing and use|drug house|crack house"
    ),
    "drug_use": (
        "drug use|drug misuse|drug abuse|drugs|drug taking|drug related|drug related activity|"
        "drugs related|using drugs|drugs use|cannabis|cannabis smell|smell of cannabis|"
        "smell of drugs|drug smell|needles|needle|discarded needles|syringes|sharps|"
        "drug paraphernalia|drugs paraphernalia|paraphernalia|drug litter|littering drugs "
        "paraphernalia|littering and drugs paraphernalia|drug and alcohol abuse|"
        "drug and alcohol misuse|drugs and alcohol|substance misuse|drug and substance misuse|"
        "drug substance misuse|solvent misuse|solvent abuse"
    ),
    "nitrous_oxide": (
        "nitrous oxide|nos|laughing gas|canisters|gas canisters|nitrous oxide canisters|"
        "nitrous oxide use|nitrous oxide pspo|balloons|pspo nitrous oxide"
    ),
    "street_drinking": (
        "street drinking|street drinkers|drinking|alcohol|alcohol nuisance|alcohol abuse|"
        "alcohol misuse|drinking in public|public drinking|drinking in street|alcohol related|"
        "alcohol consumption|dppo|cans and bottles"
    ),
    "begging": (
        "begging|aggressive begging|aggressive and persistent begging|persistent begging|"
        "begging vagrancy|begging and vagrancy|vagrancy|beggars|vagrancy begging"
    ),
    "encampment": (
        "encampment|encampments|tents|tent|unauthorised encampment|unauthorised encampments|"
        "illegal encampment|camping|unauthorised camping|travellers"
    ),
    "rough_sleeping_welfare": (
        "rough sleeping|rough sleeper|rough sleepers|homeless|homelessness|street homeless|"
        "sleeping rough|street population"
    ),
    "sex_work_related": (
        "prostitution|prostitution related|prostitution related activity|sex work|"
        "sex work related|sex working|sex workers|kerb crawling|sexual activity|brothel|"
        "sex working prostitution|on street sex work|sexual acts|sex in public"
    ),
    "harassment_street": (
        "harassment|street harassment|verbal abuse|verbal harassment|sexual harassment|catcalling|"
        "being followed|following|followed|stalking|unwanted attention|public sexual harassment|"
        "wolf whistling|leering|verbal abuse harassment|harassment verbal abuse"
    ),
    "threatening": (
        "threats|threat|threatening|threatening behaviour|intimidation|intimidating behaviour|"
        "threatening or abusive behaviour|threatening and abusive behaviour|abusive behaviour|"
        "abuse|hate incident|hate crime|hate related|hate motivated harassment|"
        "harassment intimidation|intimidation harassment|harassment and intimidation|"
        "verbal abuse harassment intimidation|verbal abuse harassment intimidation threatening "
        "behaviour|intimidation and harassment|threats intimidation|threats or intimidation|"
        "threats of violence|violence|bullying|racial harassment|racist abuse|domestic abuse"
    ),
    "vehicle_nuisance": (
        "vehicle nuisance|vehicles|vehicle|vehicle related|vehicle related nuisance|"
        "vehicle nuisance inappropriate use|vehicle inappropriate use|"
        "vehicle nuisance or inappropriate use|nuisance vehicle|nuisance vehicles|mopeds|moped|"
        "motorbikes|motorcycles|motorcycle nuisance|off road bikes|quad bikes|car meet|car meets|"
        "car cruising|e scooter|e scooters|escooters|electric scooters|speeding|racing|"
        "street racing|dangerous driving|dangerous parking|illegal parking|parking|"
        "inconsiderate parking|obstructive parking|car repairs|vehicle repairs|"
        "car repairs in street|vehicle nuisance parking|cycling|cycling on pavement|"
        "nuisance parking|engine idling|idling"
    ),
    "vehicle_abandoned": (
        "abandoned vehicle|abandoned vehicles|vehicle abandoned|vehicles abandoned|abandoned car|"
        "abandoned cars|vehicles abandoned car|vehicle abandoned not stolen|"
        "vehicles abandoned not stolen|untaxed vehicle|burnt out vehicle|burnt out car"
    ),
    "vandalism_graffiti": (
        "vandalism|graffiti|criminal damage|damage|damage to property|property damage|tagging|"
        "fly posting|flyposting|vandalism graffiti|vandalism and graffiti|graffiti vandalism|"
        "graffiti and vandalism|vandalism and damage|vandalism damage to property|broken window|"
        "arson|fire setting|damage to street furniture|offensive graffiti"
    ),
    "flytipping_litter": (
        "fly tipping|flytipping|fly tip|flytip|fly tipped waste|dumped rubbish|dumping rubbish|"
        "dumped waste|dumping|waste|rubbish|refuse|litter|littering|littering dumping|"
        "dog fouling|dog mess|fouling|dog foul|bulky waste|illegal dumping|waste dumping|"
        "fly tipping and litter|rubbish dumping|rubbish and littering|misuse of bins|bins|"
        "spitting|environmental|street cleansing|litter and waste|misuse of communal areas"
    ),
    "fireworks": "fireworks|firework|misuse of fireworks|inappropriate use of fireworks",
    "animals": (
        "animal|animals|animal problems|animal nuisance|dogs|dog|dog barking|barking dog|"
        "barking dogs|barking|dangerous dog|dangerous dogs|stray dog|stray dogs|"
        "uncontrolled pets|pets|pet nuisance|uncontrolled animals|uncontrolled dog|"
        "animal related|noise animals|noise dog barking|pigeons|feeding pigeons|animal noise"
    ),
    "trespass": (
        "trespass|trespassing|trespassers|squatting|squatters|squat|stairwell|roof access|"
        "stairwell access|non resident access|intruders|tailgating|unauthorised access|"
        "communal area trespass|loitering in stairwell|loitering in communal areas"
    ),
    "nuisance_comms": (
        "malicious communications|nuisance communications|malicious nuisance communications|"
        "malicious or nuisance communications|nuisance calls|nuisance phone calls|"
        "malicious calls|online abuse|social media abuse|malicious communication|cyber bullying"
    ),
    "hoax": "hoax|hoax call|hoax calls|hoax calls to emergency services",
    "police_uk_unspecified": "anti social behaviour|antisocial behaviour|asb|asb general",
    "other": "other|other asb|misc|miscellaneous|general|other nuisance|none of the above",
    "unknown": "unknown|not known|not specified|unspecified|not given|not recorded|tbc|blank",
}
"""Wordings met in council systems, in NSIR and on forms, by our code; folded."""

_NOT_WORD = re.compile(r"[^a-z0-9]+")


def fold_words(text: str) -> str:
    """Reduce a wording to its words: case, punctuation, '&' and spaces do not matter.

    Examples
    --------
    >>> fold_words(" Fly-tipping  &  Litter ")
    'fly tipping and litter'
    """
    return _NOT_WORD.sub(" ", text.casefold().replace("&", " and ")).strip()


def _crosswalk() -> dict[str, str]:
    known = {fold_words(w): code for code, words in _WORDINGS.items() for w in words.split("|")}
    for category in CATEGORIES:
        for text in (category.code, category.label, category.police_uk):
            if text:
                known.setdefault(fold_words(text), category.code)
    return known


CROSSWALK: dict[str, str] = _crosswalk()

POLICE_SOURCES = frozenset({"police_uk", "btp"})
"""Sources that use police.uk's names: there "Drugs" is an offence, elsewhere a nuisance."""


def guess_category(wording: str, *, source: str = "") -> str:
    """Give our code for a source's words, or '' if they are not known.

    Words that join a kind and its detail ("Vehicles / Abandoned car") are tried whole, then by
    the detail, then by the kind.

    Examples
    --------
    >>> guess_category("FLY TIPPING"), guess_category("Vehicles / Abandoned car")
    ('flytipping_litter', 'vehicle_abandoned')
    >>> guess_category("Rough sleeping"), guess_category("Zorbing")
    ('rough_sleeping_welfare', '')
    >>> guess_category("Drugs"), guess_category("Drugs", source="police_uk")
    ('drug_use', 'drugs')
    """
    if source in POLICE_SOURCES and wording.strip() in POLICE_UK_CATEGORY:
        return POLICE_UK_CATEGORY[wording.strip()]
    whole = CROSSWALK.get(fold_words(wording), "")
    if whole or "/" not in wording:
        return whole
    kind, _, detail = wording.partition(JOINT) if JOINT in wording else wording.partition("/")
    found = CROSSWALK.get(fold_words(detail), "")
    return found if found not in {"", "other", UNKNOWN} else CROSSWALK.get(fold_words(kind), found)


JOINT = " / "
"""What joins a kind and its detail in `source_category`."""


class CategoryMap:
    """A profile's mapping of wordings with the known wordings behind it.

    Parameters
    ----------
    mapped : mapping of str to str
        Source's words to our codes; looked up whole, then by detail, then by kind.
    source : str
        Where the words come from.

    Examples
    --------
    >>> kinds = CategoryMap({"Zorbing": "rowdy"})
    >>> kinds.code("zorbing"), kinds.code("Noise"), kinds.code("Juggling")
    ('rowdy', 'noise_domestic', '')
    """

    def __init__(self, mapped: Mapping[str, str], *, source: str = "") -> None:
        self._source = source
        self._mapped = {fold_words(w): c for w, c in mapped.items() if c in CATEGORY_BY_CODE}
        self._known: dict[str, str] = {}

    def code(self, wording: str) -> str:
        """Give our code for a wording, '' if nothing maps it."""
        if wording not in self._known:
            self._known[wording] = self._find(wording)
        return self._known[wording]

    def _find(self, wording: str) -> str:
        kind, _, detail = wording.partition(JOINT)
        for part in (wording, detail, kind):
            if part and fold_words(part) in self._mapped:
                return self._mapped[fold_words(part)]
        return guess_category(wording, source=self._source)
