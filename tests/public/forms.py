# ruff: noqa: E501
"""Forms of carriers' numbers and the links to their tracking pages, by what carriers and shops publish.

The numbers are examples of the form; ``SOURCES`` says where form and links are described.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

SOURCES = {
    "formats": "trackpackage.live/guides/tracking-number-formats",
    "couriers": "jkeen/tracking_number_data, couriers/*.json",
    "numbers": "onlinetrackingnumbers.com/v4/what-is-tracking-number",
    "parcelforce": "parcelforce.com/help-and-advice/sending-worldwide/tracking-number-formats",
    "links": "carriers' public tracking pages, as shops and trackers link to them",
    "providers": "RomaBilka/parcel-tracking, README",
}


@dataclass(frozen=True, slots=True)
class Form:
    """One carrier's number, in the ways in which it reaches a scanner.

    Attributes:
        number: As a shop's system keeps it.
        printed: As it is printed for people, with its groups.
        links: Addresses of tracking pages; ``{}`` is the number.
        source: A key of ``SOURCES``.
    """

    carrier: str
    number: str
    printed: str
    links: tuple[str, ...]
    source: str

    def scans(self) -> Iterator[str]:
        """Every way in which it may be read or typed."""
        yield self.number
        yield self.printed
        yield f"]C0{self.number}"
        yield f"*{self.number}*"
        if self.number != self.number.lower():
            yield self.number.lower()
        for link in self.links:
            yield link.format(self.number)
        yield self.links[0].format(self.printed.replace(" ", "%20"))


FORMS = (
    Form("UPS", "1ZXX12345678901234", "1Z XX1 234 56 7890 1234", ("https://www.ups.com/track?loc=de_DE&tracknum={}&requester=WT/", "https://wwwapps.ups.com/WebTracking/processInputRequest?TypeOfInquiryNumber=T&loc=de_DE&InquiryNumber1={}&track.x=0"), "couriers"),
    Form("USPS", "9205590164917312751089", "9205 5901 6491 7312 7510 89", ("https://tools.usps.com/go/TrackConfirmAction?qtc_tLabels1={}", "https://tools.usps.com/go/TrackConfirmAction_input?origTrackNum={}"), "couriers"),
    Form("FedEx", "986578788855", "9865 7878 8855", ("https://www.fedex.com/fedextrack/?trknbr={}&trkqual=12029~1~FDEG", "https://www.fedex.com/apps/fedextrack/?tracknumbers={}"), "couriers"),
    Form("FedEx Ground", "041441760228964", "0414 4176 0228 964", ("https://www.fedex.com/wtrk/track/?tracknumbers={}",), "couriers"),
    Form("DHL Express", "3318810025", "33 1881 0025", ("https://www.dhl.com/en/express/tracking.html?AWB={}&brand=DHL", "https://mydhl.express.dhl/it/it/tracking.html#/results?id={}"), "couriers"),
    Form("DHL Germany", "00340434161094042557", "00 34043416109404255 7", ("https://nolp.dhl.de/nextt-online-public/de/search?piececode={}", "https://www.dhl.de/de/privatkunden/dhl-sendungsverfolgung.html?piececode={}&lang=de"), "links"),
    Form("DHL eCommerce", "GM60511234500000001", "GM 6051 1234 5000 00001", ("https://webtrack.dhlglobalmail.com/?trackingnumber={}", "https://www.dhl.com/us-en/home/tracking/tracking-ecommerce.html?tracking-id={}"), "couriers"),
    Form("DHL Parcel UK", "30001234567890", "3000 1234 5678 90", ("https://track.dhlparcel.co.uk/?con={}&nav=1",), "links"),
    Form("DHL Parcel Netherlands", "JVGL06212345678901234567", "JVGL 0621 2345 6789 0123 4567", ("https://my.dhlecommerce.nl/home/tracktrace/{}/1234AB", "https://www.dhlparcel.nl/en/follow-your-shipment?tc={}&pc=1234AB"), "links"),
    Form("GLS Germany", "56760141212", "567 601 412 12", ("https://www.gls-pakete.de/sendungsverfolgung?match={}&txtAction=71000", "https://www.gls-pakete.de/sendungsverfolgung?trackingNumber={}", "https://www.gls-pakete.de/sendungsverfolgung?txtTrackingNumber={}"), "links"),
    Form("GLS Europe", "90271234567", "902 712 345 67", ("https://gls-group.eu/EU/en/parcel-tracking?match={}", "https://gls-group.com/CZ/cs/sledovani-zasilek/?match={}"), "links"),
    Form("GLS track id", "ZK7T2QP9", "ZK7T 2QP9", ("https://gls-group.eu/GROUP/en/parcel-tracking?match={}",), "links"),
    Form("GLS Spain", "61771001234567", "6177 1001 2345 67", ("https://mygls.gls-spain.es/e/{}/28001",), "links"),
    Form("DPD Germany", "01425063371295", "0142 5063 3712 95", ("https://tracking.dpd.de/status/de_DE/parcel/{}", "https://my.dpd.de/redirect.aspx?action=12&parcelno={}"), "links"),
    Form("DPD UK", "15502370264989", "1550 2370 2649 89", ("https://track.dpd.co.uk/parcels/{}*20110", "https://www.dpdlocal.co.uk/apps/tracking/?reference={}&postcode=SW1A1AA"), "couriers"),
    Form("DPD Poland", "1000012345678U", "1000 0123 4567 8U", ("https://tracktrace.dpd.com.pl/EN/parcelDetails?typ=1&p1={}",), "links"),
    Form("DPD France", "250077912345678", "2500 7791 2345 678", ("https://trace.dpd.fr/fr/trace/{}",), "links"),
    Form("Hermes Germany", "H1021620028346001067", "H102 1620 0283 4600 1067", ("https://www.myhermes.de/empfangen/sendungsverfolgung/sendungsinformation#{}", "https://www.myhermes.de/empfangen/sendungsverfolgung/sendungsinformation/#{}"), "links"),
    Form("Evri", "T00EXA0012345678", "T00EXA 0012345678", ("https://new.myhermes.co.uk/track.html#/parcel/{}/details", "https://www.evri.com/track-a-parcel?id={}"), "links"),
    Form("Royal Mail", "RB473124829GB", "RB 4731 2482 9GB", ("https://www.royalmail.com/track-your-item#/tracking-results/{}", "https://www3.royalmail.com/track-your-item#/tracking-results/{}"), "couriers"),
    Form("Parcelforce, letters", "PBTM8237263001", "PBTM 8237 2630 01", ("https://www.parcelforce.com/track-trace?trackNumber={}", "https://www.parcelforce.com/portal/pw/track?parcelno={}"), "parcelforce"),
    Form("Parcelforce, short", "AA1234567", "AA 123 4567", ("https://www.parcelforce.com/track-trace?trackNumber={}",), "parcelforce"),
    Form("Yodel", "JD0002217123456789", "JD00 0221 7123 4567 89", ("https://www.yodel.co.uk/track/{}", "https://www.yodel.co.uk/tracking/{}/SW1A1AA"), "couriers"),
    Form("An Post", "CE123456785IE", "CE 1234 5678 5 IE", ("https://www.anpost.com/Post-Parcels/Track/History?item={}",), "formats"),
    Form("PostNL", "3SABCD1234567", "3S ABCD 1234567", ("https://jouw.postnl.nl/track-and-trace/{}-NL-1234AB", "https://postnl.nl/tracktrace/?B={}&P=1234AB&D=NL&T=C", "https://www.internationalparcels.com/#!/track/{}"), "formats"),
    Form("bpost", "323212345678901234567890", "3232 1234 5678 9012 3456 7890", ("https://track.bpost.cloud/btr/web/#/search?itemCode={}&postalCode=1000&lang=en", "https://track.bpost.be/btr/web/#/search?lang=fr&itemCode={}"), "formats"),
    Form("Colissimo", "8R12345678905", "8R 1234 5678 905", ("https://www.laposte.fr/outils/suivre-vos-envois?code={}", "https://www.laposte.fr/particulier/outils/suivre-vos-envois?code={}"), "links"),
    Form("La Poste", "CW541676386FR", "CW 5416 7638 6 FR", ("https://www.laposte.fr/outils/suivre-vos-envois?code={}",), "links"),
    Form("Chronopost", "XY123456789FR", "XY 1234 5678 9 FR", ("https://www.chronopost.fr/tracking-no-cms/suivi-page?listeNumerosLT={}",), "links"),
    Form("Mondial Relay", "31236547", "31 23 65 47", ("https://www.mondialrelay.com/en-gb/parcel-tracking/?country=DE&exp={}&language=EN", "https://www.mondialrelay.fr/suivi-de-colis/?NumeroExpedition={}&CodePostal=75001"), "links"),
    Form("Colis Privé", "Q1234567890123456", "Q1 2345 6789 0123 456", ("https://www.colisprive.com/moncolis/pages/detailColis.aspx?numColis={}",), "links"),
    Form("Relais Colis", "4H013000008694", "4H01 3000 0086 94", ("https://www.relaiscolis.com/suivi-de-colis/index/tracking?reference={}",), "links"),
    Form("Correos", "PQ4F6P0708012340108012A", "PQ4F 6P07 0801 2340 1080 12A", ("https://www.correos.es/es/es/herramientas/localizador/envios/detalle?tracking-number={}", "https://s.correos.es/?c={}"), "links"),
    Form("Correos Express", "3230012345678901", "3230 0123 4567 8901", ("https://s.correosexpress.com/c?n={}", "https://www.correosexpress.com/url/v?s={}&cp=28001"), "links"),
    Form("SEUR", "01234567890123", "0123 4567 8901 23", ("https://www.seur.com/livetracking/?segOnlineIdentificador={}",), "links"),
    Form("MRW", "001234567890", "0012 3456 7890", ("https://www.mrw.es/seguimiento_envios/MRW_resultados_consultas.asp?Franq=&Ang=&Num={}",), "links"),
    Form("CTT Portugal", "DA123456789PT", "DA 1234 5678 9 PT", ("https://www.ctt.pt/feapl_2/app/open/objectSearch/objectSearch.jspx?objects={}",), "formats"),
    Form("Poste Italiane", "1UW1ABC123456", "1UW1 ABC1 23456", ("https://www.poste.it/cerca/index.html#/risultati-spedizioni/{}",), "links"),
    Form("BRT", "081012345678901", "0810 1234 5678 901", ("https://vas.brt.it/vas/sped_det_show.hsm?referer=sped_numspe_par.htm&Nspediz={}", "https://www.mybrt.it/it/mybrt/my-parcels/incoming?parcelNumber={}"), "links"),
    Form("InPost Poland", "683106300120034567890123", "6831 0630 0120 0345 6789 0123", ("https://inpost.pl/sledzenie-przesylek?number={}", "https://inpost.pl/en/find-parcel?number={}"), "formats"),
    Form("InPost Italy", "0034567890123456", "0034 5678 9012 3456", ("https://inpost.it/it/trova-il-tuo-pacco?number={}",), "links"),
    Form("Poczta Polska", "00859007731234567895", "0085 9007 7312 3456 7895", ("https://emonitoring.poczta-polska.pl/?numer={}", "https://sledzenie.poczta-polska.pl/?numer={}"), "links"),
    Form("ORLEN Paczka", "2009000012345678", "2009 0000 1234 5678", ("https://www.orlenpaczka.pl/sledz-paczke/?numer={}",), "links"),
    Form("Czech Post", "DR1234567890E", "DR 1234 5678 90 E", ("https://www.postaonline.cz/trackandtrace/-/zasilka/cislo?parcelNumbers={}", "https://b2c.cpost.cz/services/ParcelHistory/getDataAsJson?idParcel={}&language=cz"), "links"),
    Form("Packeta", "Z1234567890", "Z 123 4567 890", ("https://tracking.packeta.com/en/?id={}", "https://tracking.packeta.com/cs/{}"), "links"),
    Form("PPL", "40012345678", "400 1234 5678", ("https://www.ppl.cz/vyhledat-zasilku?shipmentId={}", "https://www.ppl.cz/main2.aspx?cls=Package&idSearch={}"), "links"),
    Form("Post Austria", "1021000123456780345678", "1021 0001 2345 6780 3456 78", ("https://www.post.at/s/sendungsdetails?snr={}", "https://www.post.at/sv/sendungsdetails?snr={}"), "links"),
    Form("Swiss Post", "996012345612345678", "99.60.123456.12345678", ("https://service.post.ch/ekp-web/ui/entry/search/{}", "https://www.post.ch/swisspost-tracking?formattedParcelCodes={}"), "links"),
    Form("PostNord Sweden", "00573132901588003506", "0057 3132 9015 8800 3506", ("https://tracking.postnord.com/se/?id={}", "https://tracking.postnord.com/en/tracking?id={}"), "links"),
    Form("PostNord, S10", "UA123456785SE", "UA 1234 5678 5 SE", ("https://attracking.postnord.com/se/?id={}",), "links"),
    Form("Posten Norway", "370722151019876543", "3707 2215 1019 8765 43", ("https://sporing.posten.no/sporing/{}", "https://tracking.bring.com/tracking/{}?lang=en"), "links"),
    Form("Posti", "JJFI60340000001234567", "JJFI 6034 0000 0012 3456 7", ("https://www.posti.fi/en/tracking#/lahetys/{}?lang=en",), "formats"),
    Form("Omniva", "CC123456785EE", "CC 1234 5678 5 EE", ("https://www.omniva.ee/track?barcode={}", "https://minu.omniva.ee/track/{}"), "links"),
    Form("Venipak", "V12345E1234567", "V12345 E1234567", ("https://venipak.com/lt/en/tracking/track/{}/",), "links"),
    Form("Matkahuolto", "MH123456789FI", "MH 1234 5678 9 FI", ("https://www.matkahuolto.fi/seuranta/tilanne/?package_code={}",), "links"),
    Form("Sameday", "4EMXLN123456789", "4EMX LN12 3456 789", ("https://sameday.ro/#awb={}", "https://fancourier.ro/awb-tracking/?tracking={}"), "links"),
    Form("Nova Poshta", "20450123456789", "2045 0123 4567 89", ("https://tracking.novaposhta.ua/#/uk?number={}", "https://novaposhta.ua/tracking/?cargo_number={}"), "providers"),
    Form("Meest", "MYCV123456789DE", "MYCV 1234 5678 9 DE", ("https://t.meest-group.com/en?parcel_number={}",), "providers"),
    Form("NPShopping", "NP00000001234567NPG", "NP 0000 0001 2345 67 NPG", ("https://npshopping.com/tracking/{}",), "providers"),
    Form("Canada Post", "7023210477131354", "7023 2104 7713 1354", ("https://www.canadapost-postescanada.ca/track-reperage/en#/search?searchFor={}", "https://www.canadapost.ca/trackweb/en#/details/{}"), "couriers"),
    Form("Purolator", "520080815084", "5200 8081 5084", ("https://www.purolator.com/en/shipping/tracker?pin={}", "https://www.purolator.com/purolator/ship-track/tracking-details.page?pin={}"), "links"),
    Form("Dragonfly (Intelcom)", "SE2505223Q75", "SE25 0522 3Q75", ("https://dragonflyshipping.ca/en/track-your-package/?tracking-id={}",), "links"),
    Form("Canpar", "D576250060000001231001", "D5762 5006 0000 0012 3100 1", ("https://www.canpar.com/en/tracking/delivery_options.htm?barcode={}",), "couriers"),
    Form("OnTrac", "C11031500001879", "C1103 1500 0018 79", ("https://www.ontrac.com/tracking-details?trackingnumber={}", "https://www.ontrac.com/trackingresults.asp?tracking_number={}"), "couriers"),
    Form("LaserShip", "LX17630322", "LX 1763 0322", ("https://www.lasership.com/track/{}",), "couriers"),
    Form("Amazon", "TBA619632698000", "TBA 6196 3269 8000", ("https://track.amazon.com/tracking/{}", "https://www.swiship.com/track?id={}"), "formats"),
    Form("Old Dominion", "07209562763", "072 0956 2763", ("https://www.odfl.com/us/en/tools/trace-track-ltl-freight/trace.html?proNumbers={}",), "couriers"),
    Form("Spee-Dee", "SP012345678901234567", "SP 0123 4567 8901 2345 67", ("https://speedeedelivery.com/track-a-shipment/?v=detail&barcode={}",), "couriers"),
    Form("GOFO", "GFUS01012345678901", "GFUS 0101 2345 6789 01", ("https://www.gofoexpress.com/track/?nums={}",), "couriers"),
    Form("Veho", "VEHO7HQ5FVK", "VEHO 7HQ5 FVK", ("https://track.shipveho.com/#/trackingId/{}",), "links"),
    Form("UniUni", "UUS0000000000000001", "UUS0 0000 0000 0000 001", ("https://www.uniuni.com/tracking/?no={}",), "links"),
    Form("Landmark Global", "LTN123456789N1", "LTN 1234 5678 9 N1", ("https://track.landmarkglobal.com/?search={}",), "couriers"),
    Form("Sendle", "S3ND73", "S3N D73", ("https://track.sendle.com/tracking?ref={}",), "links"),
    Form("Pitney Bowes", "UPAAB000000000012345", "UPAA B000 0000 0001 2345", ("https://parceltracking.pb.com/app/#/dashboard/{}",), "links"),
    Form("Passport", "PP1234567890US", "PP 1234 5678 90 US", ("https://track.passportshipping.com/{}",), "links"),
    Form("Asendia", "LX123456789DE", "LX 1234 5678 9 DE", ("https://a1.asendiausa.com/tracking/?trackingnumber={}", "https://tracking.asendia.com/tracking/{}"), "formats"),
    Form("Australia Post", "33ABC1234567", "33ABC 1234567", ("https://auspost.com.au/mypost/track/details/{}", "https://auspost.com.au/mypost/track/#/details/{}"), "formats"),
    Form("StarTrack", "QWRZ50123456", "QWRZ 5012 3456", ("https://startrack.com.au/track/details/{}",), "links"),
    Form("New Zealand Post", "00794210392012345678", "0079 4210 3920 1234 5678", ("https://www.nzpost.co.nz/tools/tracking?trackid={}", "https://www.nzpost.co.nz/tools/tracking/item/{}"), "links"),
    Form("Aramex", "44123456789", "441 2345 6789", ("https://www.aramex.com/us/en/track/results?mode=0&ShipmentNumber={}",), "formats"),
    Form("Japan Post", "EJ123456785JP", "EJ 1234 5678 5 JP", ("https://trackings.post.japanpost.jp/services/srv/search/direct?reqCodeNo1={}&locale=en",), "formats"),
    Form("Yamato", "402012345674", "4020 1234 5674", ("https://jizen.kuronekoyamato.co.jp/jizen/servlet/crjz.b.NQ0010?id={}",), "links"),
    Form("Sagawa", "401234567893", "4012 3456 7893", ("https://k2k.sagawa-exp.co.jp/p/web/okurijosearch.do?okurijoNo={}",), "links"),
    Form("SF Express", "SF1234567890123", "SF 1234 5678 9012 3", ("https://www.sf-express.com/we/ow/chn/en/waybill/waybill-detail/{}",), "formats"),
    Form("YunExpress", "YT2212345678901234", "YT22 1234 5678 9012 34", ("https://www.yuntrack.com/parcelTracking?id={}",), "couriers"),
    Form("4PX", "4PX3001234567890CN", "4PX3 0012 3456 7890 CN", ("https://track.4px.com/#/result/0/{}",), "formats"),
    Form("Cainiao", "LP00123456789012", "LP 0012 3456 7890 12", ("https://global.cainiao.com/newDetail.htm?mailNoList={}",), "formats"),
    Form("17TRACK", "RT123456785CN", "RT 1234 5678 5 CN", ("https://t.17track.net/en#nums={}",), "formats"),
    Form("AfterShip", "LT123456785SG", "LT 1234 5678 5 SG", ("https://acme.aftership.com/singapore-post/{}", "https://www.aftership.com/track?t={}"), "numbers"),
    Form("ParcelLab", "JVGL01234567890123456789", "JVGL 0123 4567 8901 2345 6789", ("https://acme.parcellab.com/?trackingNo={}&courier=dhl",), "links"),
    Form("Narvar", "9261290336128704062441", "9261 2903 3612 8704 0624 41", ("https://acme.narvar.com/acme/tracking/usps?tracking_numbers={}&order_number=1164",), "links"),
)  # fmt: skip
