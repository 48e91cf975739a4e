"""Which labels of a carrier's file are dead: voided, refunded, cancelled, returned."""

import re
from collections.abc import Iterable
from functools import lru_cache

from orders.tracking_files.names import words

# English, French, German, Spanish, Portuguese, Italian, Dutch, the North's, Hungarian,
# Romanian, Greek, Czech, Polish, Croatian, Russian, Ukrainian, Turkish, Vietnamese,
# Indonesian, Arabic and Hebrew, bare of accents.
WORDS = words(
    """
    void voided voiding cancel canceled cancelled canceling cancelling cancelation
    cancellation cncl cxl cxld canx refund refunded refunding refundpending
    return returned returning rts deleted invalid invalidated nullified reversed
    spoiled expired
    annule annulee annulation rembourse remboursee remboursement
    retour retourne retournee renvoye renvoyee supprime supprimee expiree perimee
    storniert stornierung storno annulliert erstattet retoure retourniert rucksendung
    zuruckgesendet rucklaufer geloscht ungultig entwertet abgelaufen
    anulado anulada anulacion anulacao cancelado cancelada reembolsado reembolsada
    devuelto devuelta devolucion devolvido devolucao estornado eliminado invalidado
    annullato annullata annullamento rimborso rimborsato rimborsata reso restituito
    stornato stornata eliminato
    geannuleerd terugbetaald geretourneerd retourzending verwijderd ongeldig
    annulleret annullert kansellert makulerad makulerat avbruten avbrutt aterbetald
    retur returnert returneret returnerad peruutettu mitatoity palautettu
    torolve torolt sztorno visszavonva visszakuldve anulat anulata returnat
    ακυρωθηκε ακυρωμενο ακυρωση επιστροφη
    zruseno zrusena zruseny zruseni stornovano stornovana vraceno vraceni vracena vratka
    anulowano anulowana anulowany zwrot zwrocono zwrocona uniewazniona uniewazniono
    storniran stornirano otkazan otkazano ponisteno povrat preklicano
    отменен отменена отменено отмена аннулирован аннулирована аннулировано возврат
    возвращен возвращена возвращено удален удалена удалено
    скасовано скасована анульовано повернено повернення
    iptal iade huy dibatalkan batal retur ملغي ملغى ملغاة مرتجع בוטל הוחזר
    """
).split()
# Of languages that part no words.
SIGNS = words(
    "作废 作廢 取消 撤销 撤銷 注销 失效 删除 刪除 拦截 退款 退货 退貨 退件 退回 "
    "キャンセル 返品 返送 返金 無効 破棄 无效 無效 취소 반품 반송 환불 무효"
).split()
# “Not voided” and “Refund rejected” are alive, and a service is no label.
NEGATIONS = (
    "not,non,no,never,without,pas,pas de,sans,aucun,kein,nicht,sin,niet,nie,ne,nao,ikke"
    ",ej,inte,не,partially,partial,partiellement"
)
BEFORE = "".join(f"(?<!\\b{word} )" for word in NEGATIONS.split(","))
AFTER = (
    "(?! (?:rejected|denied|declined|failed|refuse|refusee|impossible|abgelehnt|none|no"
    "|non|false|edilmedi|partially|partiellement|receipt|service|address))"
)
ANY_WORD = f"(?:{'|'.join(WORDS)})s?"
ANY_SIGN = f"(?:{'|'.join(SIGNS)})"
SAID = re.compile(rf"{BEFORE}\b{ANY_WORD}\b{AFTER}|(?<![未不无]){ANY_SIGN}")
# What a cell says in which nothing but the state of a label stands.
ABOUT_IT = words(
    """
    label shipment package parcel is being been has submitting unused etiquette colis
    bordereau envoi demande d envio da sendung paket verzending przesylka
    已 被 订单 面单
    """
).split()
MORE_OF_IT = words(
    """
    label shipment request requested pending submitted approved upstream manifest
    undeliverable demande demandee beantragt edildi 中 了 済 済み 됨 완료
    """
).split()
MORE_OF_IT += ["in (?:process|progress|transit)", "to (?:sender|shipper)", "en cours"]
MORE_OF_IT += ["by (?:user|customer|seller|buyer|carrier)", "(?:a l )?expediteur"]
MORE_OF_IT += ["a l envoyeur", "an absender", "al (?:mittente|remitente)", "afzender"]
MORE_OF_IT += ["do nadawcy", "true"]
DEAD = re.compile(
    rf"(?:(?:{'|'.join(ABOUT_IT)}) ?)*(?:{ANY_WORD}|{ANY_SIGN})"
    rf"(?: ?(?:{'|'.join(MORE_OF_IT)}))*"
)
# A name that says it of what stands below, as “Refund date” but not “Return address”.
BESIDE = words(
    """
    is was has been est label shipment package parcel order etiquette colis envoi
    commande date time timestamp utc at on il le d de du la l estado fecha data datum
    status state statut etat indicator flag type information request requested
    submitted approved processed completed reason usps ups fedex dhl
    是否 已 状态 狀態 状態 时间 時間 日期 日 フラグ ステータス 여부 상태 일자 일
    """
).split()
BESIDE += ["to sender", "y n", "yes no", "oui non", r"\d"]
NAME = re.compile(
    rf"(?:(?:{'|'.join(BESIDE)}) ?)*(?:{ANY_WORD}|{ANY_SIGN})"
    rf"(?: ?(?:{'|'.join(BESIDE)}|{ANY_WORD}))*"
)
# What is said of labels that may be used.
IN_USE = words(
    """
    active shipped printed delivered transit created purchased valid manifested unknown
    used unused outbound outgoing forward normal standard actif expedie expediee imprime
    imprimee livre livree cree creee valide validee aktiv versendet gedruckt zugestellt
    正常 有效 已打印 已发货 発送済み
    """
).split()
IN_USE += ["in transit", "pre transit", "en transit", "out for delivery"]
IN_USE += ["label created", "label printed"]
# Said of labels in use too, but under “Refund status” of the refund.
DONE = words("pending new ok success accepted open closed complete completed paid")
ALIVE = {*IN_USE, *DONE.split()}
NO = words(
    """
    n none nil null na nan false f faux falsch off nein nee nie nao нет hayir いいえ
    아니오 아니요 eligible ineligible unvoided reactivated
    """
).split()
# What a cell says under “Voided” of a label that is not: nothing, no amount, a date
# that is none, no, a refund that was refused.
NOT_DEAD = re.compile(
    r"[^\w✓✔☑✅]*|(?:[a-z]{3} )?0[0 ]*(?: [a-z]{3})?|(?:0001|1899|1900|1970) .*"
    r"|(?:not?|non|n a|never|pas|sans|aucune?|kein|nicht|sin)\b.*|[未不无無否].*"
    r"|.*\b(?:rejected|denied|declined|failed|refusee?|rejete)\b.*"
    rf"|{'|'.join([*NO, *IN_USE])}"
)


# A file has few words of this kind, each thousands of times.
@lru_cache(maxsize=10_000)
def dead_word(name: str, text: str) -> str:
    """Return what a cell of the column says when its label is dead, else nothing."""
    plain = words(text)
    if SAID.search(plain):
        return text
    if names_dead(name) and not NOT_DEAD.fullmatch(plain or text):
        return f"{name}: {text}"
    return ""


def names_dead(name: str) -> bool:
    """Say whether a column's name itself asks whether a label is dead."""
    return NAME.fullmatch(words(name)) is not None


def is_state_of_labels(cells: Iterable[str]) -> bool:
    """Say whether cells hold states of labels and nothing else, a dead one too."""
    is_any_dead = False
    for plain in map(words, set(cells)):
        if plain not in ALIVE:
            if not DEAD.fullmatch(plain):
                return False
            is_any_dead = True
    return is_any_dead
