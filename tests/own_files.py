"""Small files as users bring them: invented sentences, in several languages and scripts."""

import itertools
import random

# Conjunctions, subjects, verbs, objects and times: the same in each language.
_WORDS = {
    "en": (
        "and|but",
        "the cat|my sister|the old man|a girl|our teacher|the baker|Anna|the farmer|her friend",
        "sees|buys|paints|loses|finds|sells|wants|carries",
        "the house|a book|the blue door|three apples|a letter|the ship|some bread|the red car",
        "today|every day|in the evening|on Monday|at last",
    ),
    "de": (
        "und|aber",
        "die Katze|meine Schwester|der alte Mann|ein Mädchen|unser Lehrer|der Bäcker|Anna|"
        "der Bauer|ihr Freund",
        "sieht|kauft|malt|verliert|findet|verkauft|will|trägt",
        "das Haus|ein Buch|die blaue Tür|drei Äpfel|einen Brief|das Schiff|etwas Brot|"
        "das rote Auto",
        "heute|jeden Tag|am Abend|am Montag|endlich",
    ),
    "pt": (
        "e|mas",
        "o gato|a minha irmã|o velho|uma menina|o nosso professor|o padeiro|a Ana|o lavrador|"
        "a amiga dela",
        "vê|compra|pinta|perde|encontra|vende|quer|leva",
        "a casa|um livro|a porta azul|três maçãs|uma carta|o navio|algum pão|o carro vermelho",
        "hoje|todos os dias|à noite|na segunda|por fim",
    ),
    "ru": (
        "и|но",
        "кошка|моя сестра|старик|девочка|наш учитель|пекарь|Анна|крестьянин|её друг",
        "видит|покупает|рисует|теряет|находит|продаёт|хочет|несёт",
        "дом|книгу|синюю дверь|три яблока|письмо|корабль|хлеб|красную машину",
        "сегодня|каждый день|вечером|в понедельник|наконец",
    ),
    "el": (
        "και|αλλά",
        "η γάτα|η αδερφή μου|ο γέρος|ένα κορίτσι|ο δάσκαλός μας|ο φούρναρης|η Άννα|ο αγρότης|"
        "ο φίλος της",
        "βλέπει|αγοράζει|ζωγραφίζει|χάνει|βρίσκει|πουλάει|θέλει|κουβαλάει",
        "το σπίτι|ένα βιβλίο|την μπλε πόρτα|τρία μήλα|ένα γράμμα|το πλοίο|λίγο ψωμί|"
        "το κόκκινο αυτοκίνητο",
        "σήμερα|κάθε μέρα|το βράδυ|τη Δευτέρα|επιτέλους",
    ),
    "ar": (
        "و|لكن",
        "القطة|أختي|الرجل العجوز|فتاة|معلمنا|الخباز|آنا|الفلاح|صديقها",
        "يرى|يشتري|يرسم|يفقد|يجد|يبيع|يريد|يحمل",
        "البيت|كتابا|الباب الأزرق|ثلاث تفاحات|رسالة|السفينة|بعض الخبز|السيارة الحمراء",
        "اليوم|كل يوم|في المساء|يوم الاثنين|أخيرا",
    ),
    "hi": (
        "और|लेकिन",
        "बिल्ली|मेरी बहन|बूढ़ा आदमी|एक लड़की|हमारे शिक्षक|बेकर|अन्ना|किसान|उसकी दोस्त",
        "देखती है|खरीदती है|रंगती है|खोती है|पाती है|बेचती है|चाहती है|उठाती है",
        "घर|एक किताब|नीला दरवाज़ा|तीन सेब|एक पत्र|जहाज़|कुछ रोटी|लाल गाड़ी",
        "आज|हर दिन|शाम को|सोमवार को|आख़िरकार",
    ),
    "zh": (
        "而且|但是",
        "那只猫|我妹妹|老人|一个女孩|我们的老师|面包师|安娜|农夫|她的朋友",
        "看见|买|画|丢了|找到|卖|想要|搬",
        "房子|一本书|蓝色的门|三个苹果|一封信|那艘船|一些面包|红色的汽车",
        "今天|每天|晚上|星期一|终于",
    ),
}
_WITHOUT_SPACES = {"zh": "。"}


def sentences(language, count, seed=0):
    """Return so many different sentences (5,760 at most), the same ones in each language."""
    parts = [part.split("|") for part in _WORDS[language]]
    everything = list(itertools.product(*(range(len(part)) for part in parts)))
    space, end = ("", _WITHOUT_SPACES[language]) if language in _WITHOUT_SPACES else (" ", ".")
    return [
        space.join(part[i] for part, i in zip(parts, places, strict=True)) + end
        for places in random.Random(seed).sample(everything, count)
    ]


def pairs(source, target, count):
    """Return the text of a TSV file of so many pairs."""
    rows = zip(sentences(source, count), sentences(target, count), strict=True)
    return "".join(f"{a}\t{b}\n" for a, b in rows)


def lines(language, count):
    """Return the text of a file of so many lines."""
    return "".join(f"{text}\n" for text in sentences(language, count))


def labelled(language, count):
    """Return the text of a TSV file of so many texts, half of which say that it is today."""
    today = _WORDS[language][-1].split("|")[0]
    everything = sentences(language, 5_760)
    kinds = {
        "today": [text for text in everything if today in text],
        "later": [text for text in everything if today not in text],
    }
    rows = [f"{kind}\t{text}\n" for kind in kinds for text in kinds[kind][: count // 2]]
    return "".join(random.Random(0).sample(rows, count))
