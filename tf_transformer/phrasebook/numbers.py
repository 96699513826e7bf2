"""Numbers, clock times and the calendar."""

from __future__ import annotations

from tf_transformer.phrasebook.clause import Text
from tf_transformer.phrasebook.lexicon import Entry

_UNITS = """um=one dois=two três=three quatro=four cinco=five seis=six sete=seven oito=eight
nove=nine dez=ten onze=eleven doze=twelve treze=thirteen catorze=fourteen quinze=fifteen
dezasseis=sixteen dezassete=seventeen dezoito=eighteen dezanove=nineteen vinte=twenty"""
_TENS = """vinte=twenty trinta=thirty quarenta=forty cinquenta=fifty sessenta=sixty
setenta=seventy oitenta=eighty noventa=ninety"""
_HUNDREDS = """cem=a_hundred duzentos=two_hundred trezentos=three_hundred
quatrocentos=four_hundred quinhentos=five_hundred seiscentos=six_hundred mil=a_thousand"""


def _entries(text: str) -> list[Entry]:
    pairs = (item.split("=") for item in text.split())
    return [Entry(pt.replace("_", " "), en.replace("_", " ")) for pt, en in pairs]


UNITS = _entries(_UNITS)
TENS = _entries(_TENS)
HUNDREDS = _entries(_HUNDREDS)
WEEKDAYS = _entries(
    "segunda-feira=Monday terça-feira=Tuesday quarta-feira=Wednesday quinta-feira=Thursday "
    "sexta-feira=Friday sábado=Saturday domingo=Sunday"
)
MONTHS = _entries(
    "janeiro=January fevereiro=February março=March abril=April maio=May junho=June julho=July "
    "agosto=August setembro=September outubro=October novembro=November dezembro=December"
)
SEASONS = _entries("a_primavera=spring o_verão=summer o_outono=autumn o_inverno=winter")
PERIODS = _entries("minuto=minute hora=hour dia=day semana=week mês=month ano=year")


def feminine(number: str) -> str:
    """Return a number as it stands before a feminine noun: duas, trinta e uma, duzentas."""
    head, space, last = number.rpartition(" ")
    last = {"um": "uma", "dois": "duas"}.get(last, last)
    if last.endswith("entos"):
        last = last[:-2] + "as"
    return head + space + last


def two_digits(tens: Entry, unit: Entry) -> Text:
    """Join tens and units: "trinta e dois", "thirty-two"."""
    return Text(f"{tens.pt} e {unit.pt}", f"{tens.en}-{unit.en}")


def clock(hour: Entry, minutes: str) -> Text:
    """Say a time of day after "at" (às) or "it is" (são).

    Args:
        hour: one of the first twelve numbers.
        minutes: "o'clock", "half past", "a quarter past", "a quarter to", or a number of minutes
            and "past" or "to", such as "ten past".
    """
    pt_hour = feminine(hour.pt)
    pt_minutes = {"a quarter": "um quarto", "twenty": "vinte", "ten": "dez", "five": "cinco"}
    if minutes == "o'clock":
        return Text(pt_hour, f"{hour.en} o'clock")
    if minutes == "half past":
        return Text(f"{pt_hour} e meia", f"half past {hour.en}")
    amount, _, direction = minutes.rpartition(" ")
    link = {"past": "e", "to": "menos"}[direction]
    return Text(f"{pt_hour} {link} {pt_minutes[amount]}", f"{minutes} {hour.en}")


CLOCK_MINUTES = (
    "o'clock",
    "half past",
    "a quarter past",
    "a quarter to",
    "twenty past",
    "ten past",
    "five past",
    "twenty to",
    "ten to",
    "five to",
)


def at_clock(hour: Entry, minutes: str) -> Text:
    """Say "at" a time: "à uma e meia", "às três menos dez"."""
    time = clock(hour, minutes)
    return Text(("à " if hour.en == "one" else "às ") + time.pt, f"at {time.en}")


def on_weekday(day: Entry) -> Text:
    """Say "on Monday"."""
    return Text(("no " if day.pt[-1] == "o" else "na ") + day.pt, f"on {day.en}")


def on_weekdays(day: Entry) -> Text:
    """Say "on Mondays"."""
    plural = "-".join(part + "s" for part in day.pt.split("-"))
    return Text(("aos " if day.pt[-1] == "o" else "às ") + plural, f"on {day.en}s")


def period(number: Entry, unit: Entry) -> Text:
    """Say a length of time: "três semanas", "three weeks"."""
    is_feminine = unit.pt in ("hora", "semana")
    pt_number = feminine(number.pt) if is_feminine else number.pt
    if number.en == "one":
        return Text(f"{pt_number} {unit.pt}", f"one {unit.en}")
    plural = "meses" if unit.pt == "mês" else unit.pt + "s"
    return Text(f"{pt_number} {plural}", f"{number.en} {unit.en}s")
