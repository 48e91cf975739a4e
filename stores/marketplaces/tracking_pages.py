"""The carriers’ public pages of a parcel, where they take its number in the address."""

from urllib.parse import quote

DHL = "https://www.dhl.com/global-en/home/tracking.html?submit=1&tracking-id="
DHL_GERMANY = (
    "https://www.dhl.de/de/privatkunden/pakete-empfangen/verfolgen.html?piececode="
)
SF = (
    "https://www.sf-international.com/us/en/dynamic_function/waybill/"
    "#search/bill-number/"
)
USPS = "https://tools.usps.com/go/TrackConfirmAction?tLabels="

# The number follows.
PAGES = {
    "USPS": USPS,
    "Asendia USA / USPS": USPS,
    "UPS": "https://www.ups.com/track?tracknum=",
    "UPS Mail Innovations": "https://www.ups.com/track?tracknum=",
    "FedEx": "https://www.fedex.com/fedextrack/?trknbr=",
    "DHL": DHL,
    "DHL eCommerce": DHL,
    "DHL Hong Kong": DHL,
    "DHL Global Mail Asia": DHL,
    "German Post DHL": DHL_GERMANY,
    "OnTrac": "https://www.ontrac.com/tracking/?number=",
    "Canada Post": (
        "https://www.canadapost-postescanada.ca/track-reperage/en#/search?searchFor="
    ),
    "Royal Mail": "https://www.royalmail.com/track-your-item#/tracking-results/",
    "Australia Post": "https://auspost.com.au/mypost/track/details/",
    "Japan Post": (
        "https://trackings.post.japanpost.jp/services/srv/search/direct"
        "?locale=en&reqCodeNo1="
    ),
    "4PX": "https://track.4px.com/#/result/0/",
    "Yun Express": "https://www.yuntrack.com/parcelTracking?id=",
    "S.F. Express": SF,
    "S.F International": SF,
}
_pages = {label.casefold(): page for label, page in PAGES.items()}


def tracking_page(carrier: str, number: str) -> str:
    """Return the address of the parcel's page, or nothing where none is known."""
    page = _pages.get(carrier.strip().casefold())
    return page + quote("".join(number.split()), safe="") if page else ""
