"""Texts whose encoding nobody says, told by how they look."""

import pytest

from backoffice.kit.encodings import decode

FRENCH = [
    "Numéro de commande;N° de suivi;Transporteur\r\n1;A1;Colissimo\r\n",
    "N° de commande;Suivi\r\n1;A1\r\n",
    "NUMÉRO;SUIVI\r\n1;A1\r\n",
    "Référence;Nom;Date d'envoi\r\n1;Élise Noël, née Crépeau;À préparer\r\n",
]
CHINESE = [
    "订单号,跟踪号,物流渠道\r\n120000001,LX123456785CN,China Post\r\n",
    "客户单号,运单号,备注\r\n1,A1,iPhone手机壳蓝色\r\n",
]
SPANISH = [
    "Nº de pedido;Ciudad\r\n1;São Paulo\r\n2;Íñigo Muñoz, Córdoba\r\n",
    "Dirección\r\nCalle Núñez de Balboa, Málaga ¿sí?\r\n",
]
TAIWANESE = ["訂單編號,追蹤號碼,物流公司,收件人\r\n1,A1,中華郵政,陳怡君\r\n"]
JAPANESE = [
    "注文番号,お問い合わせ番号,配送業者\r\n120000001,EJ123456785JP,Japan Post\r\n",
    "Order,Name\r\n1,ﾔﾏﾀﾞ ﾀﾛｳ\r\n2,ｻﾄｳ ﾊﾅｺ\r\n",
    "ご注文番号,追跡番号,お届け先\r\n1,A1,東京都千代田区 ﾔﾏﾀﾞ ﾀﾛｳ\r\n",
]


@pytest.mark.parametrize(
    ("texts", "encodings"),
    [
        (FRENCH, ["utf-8", "cp1252", "cp850", "cp437", "mac_roman"]),
        (SPANISH, ["utf-8", "cp1252", "cp850", "mac_roman"]),
        (["Prix\r\n12,50 €\r\n", "Mug™ 5×7 ©, ½ l\r\n"], ["utf-8", "cp1252"]),
        (CHINESE, ["utf-8", "utf-8-sig", "gbk", "gb18030", "utf-16", "utf-16-le"]),
        (TAIWANESE, ["utf-8", "big5", "gbk"]),
        (JAPANESE, ["utf-8", "utf-16", "cp932"]),
        (JAPANESE[::2], ["euc_jp"]),
    ],
)
def test_a_text_is_read_in_the_encoding_in_which_it_looks_like_language(
    texts, encodings
):
    for text in texts:
        for encoding in encodings:
            data = text.encode(encoding, "ignore")
            written = data.decode(encoding)
            assert decode(data, lambda text: 0) == written, encoding


KOREAN = "주문번호,운송장번호,받는분\r\n1,A1,김민수\r\n"
WIDE = [
    *CHINESE,
    *TAIWANESE,
    *JAPANESE,
    KOREAN,
    "Номер заказа;Трек-номер;Получатель\r\n1;A1;Иван Петров\r\n",
    "Αριθμός παραγγελίας;Παραλήπτης\r\n1;Γιώργος Παπαδόπουλος\r\n",
    "订单号,收件人地址\r\n1,广东省深圳市南山区科技园科苑路十五号一楼请轻拿轻放\r\n",
]


@pytest.mark.parametrize("text", WIDE)
@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be", "utf-32"])
def test_wide_characters_are_known_without_their_mark_too(text, encoding):
    assert decode(text.encode(encoding), lambda text: 0) == text


def test_the_scripts_of_japanese_and_korean_mails_are_read():
    assert decode(JAPANESE[0].encode("iso2022_jp"), lambda text: 0) == JAPANESE[0]
    assert decode(KOREAN.encode("iso2022_kr"), lambda text: 0) == KOREAN


@pytest.mark.parametrize(
    ("word", "encoding"),
    [
        ("주문번호", "euc_kr"),
        ("注文番号", "euc_jp"),
        *(("Číslo", one) for one in ("cp1250", "iso8859_2", "cp852")),
        *(("Zamówienie, przesyłka", one) for one in ("cp1250", "iso8859_2", "cp852")),
        *(("Заказ", one) for one in ("cp1251", "koi8_r", "cp866", "mac_cyrillic")),
        ("Замовлення", "koi8_u"),
        *(("Sipariş", one) for one in ("cp1254", "iso8859_9")),
        ("Παραγγελία", "cp1253"),
    ],
)
def test_known_words_decide_where_two_languages_look_alike(word, encoding):
    data = f"{word},A\r\n1,A1\r\n".encode(encoding)

    assert decode(data, lambda text: word in text) == f"{word},A\r\n1,A1\r\n"


def test_a_broken_byte_does_not_change_the_rest():
    data = "Numéro de commande\r\n1,é\r\n".encode() + b"2,caf\xc3\r\n"

    assert decode(data, lambda text: 0) == "Numéro de commande\r\n1,é\r\n2,caf�\r\n"


def test_what_is_no_text_is_none():
    for data in (b"\0\1\2\3", b"\0" * 99, bytes(range(256)) * 9, b"\xff\xfe\x00"):
        assert decode(data, lambda text: 0) is None
