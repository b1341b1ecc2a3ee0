namespace Ingest.Core.Redaction.Numbers;

/// <summary>
/// The words that tell what a number is, in the languages of those who write them. Letters are compared without case and accents; a word within bars (|tin|) counts only
/// as a whole word, the others also within longer ones, as in "Reisepassnummer" or "mypassportnumberis".
/// </summary>
internal static class TopicWords
{
    internal static readonly (Topics Topic, string Words)[] All =
    [
        (Topics.Card, "credit card;debit card;creditcard;card number;card no;|card|;|visa|;mastercard;|amex|;american express;|cc|;kreditkarte;kartennummer;carte bancaire;carte de credit;"
            + "numero de carte;tarjeta;carta di credito;numero carta;cartao;creditcardnummer;kaartnummer;karta kredytowa;numer karty;kortnummer;kreditkort;betalkort;luottokortti;|maestro|;kredi karti;номер карты;カード番号;信用卡"),
        (Topics.Expiry, "|exp|;|expiry|;|expires|;|expire|;|expiring|;|expiration|;|exp date|;|expdate|;valid thru;valid until;good thru;|gultig bis|;gueltig bis;ablaufdatum;verfallsdatum;|verfallt|;"
            + "date d expiration;|expire le|;valable jusqu;caducidad;vencimiento;|caduca|;|vence|;scadenza;|scade|;validade;|valido ate|;vervaldatum;geldig tot;data waznosci;wazna do;utgangsdatum;"
            + "giltig till;giltighetstid;udlobsdato;udlober;gyldig til;utlopsdato;voimassa;son kullanma;|mm yy|;срок действия;有効期限;有效期"),
        (Topics.CardCode, "セキュリティコード;安全码;код безопасности;|cvv|;|cvc|;|cvn|;|csc|;|cvcode|;|cav|;|ccv|;|kpn|;|card code|;card security;digits on the back;digits on back;code on the back;number on the back;ziffern auf der ruckseite;security code;securitycode;card verification;kartenprufnummer;kartenpruefnummer;prufnummer;"
            + "prufziffer;sicherheitscode;kartensicherheit;code de securite;cryptogramme;codigo de seguridad;codigo de verificacion;codice di sicurezza;codigo de seguranca;beveiligingscode;"
            + "kod bezpieczenstwa;|kod cvv|;sakerhetskod;sikkerhedskode;sikkerhetskode;kontrolcifre;turvakoodi;turvaluku;guvenlik kodu"),
        (Topics.Iban, "|iban|"),
        (Topics.Account, "account number;account no;account num;account details;accountnumber;|acct|;|acc no|;|acct no|;bank account;banking account;checking account;savings account;|a c no|;kontonummer;|konto nr|;"
            + "bankverbindung;|kontonr|;|konto|;|kto|;|kto nr|;numero de compte;compte bancaire;numero de cuenta;cuenta bancaria;|cuenta|;numero di conto;conto corrente;conto bancario;numero da conta;conta corrente;conta bancaria;"
            + "rekeningnummer;bankrekening;numer rachunku;|rachunek|;numer konta;bankkonto;tilinumero;|clabe|;|cbu|;|rib|;|nrb|;hesap numarasi;|account|;|accounts|;cislo uctu;bankszamla;|giro|;bankgiro;plusgiro"),
        (Topics.Routing, "routing;|aba|;|rtn|;transit number;bank code;|transit|;|ifsc|;|bsb|;bankleitzahl;|blz|;direct deposit;wire transfer"),
        (Topics.SortCode, "sort code;sortcode;|sort|"),
        (Topics.SocialSecurity, "social security;socialsecurity;|ssn|;|ssns|;|ss no|;|ss n|;|soc sec|;|s s n|;|sosec|;seguro social;|my social|"),
        (Topics.TaxId, "|itin|;|tin|;|tax id|;|taxid|;taxpayer;tax number;tax identification;|ein|;individual taxpayer;steuer id;steuerid;|idnr|;|tin nr|;identifikationsnummer;steuernummer;steueridentifikation;"
            + "|st nr|;|steuernr|;numero fiscal;identification fiscale;vergi;tax no;|irs|;|tax|;personal tax"),
        (Topics.Identity, "|id number|;|id no|;|id card|;|idcard|;identity;identification;identifier;|national id|;nationalid;|id|;ausweis;personalausweis;|perso|;carte d identite;documento;identidad;identita;"
            + "identiteit;dowod osobisty;legitimation;henkilokortti;kimlik;|citizen|;government id"),
        (Topics.Passport, "passport;reisepass;|pass nr|;|passnr|;passnummer;passeport;pasaporte;passaporto;passaporte;paspoort;paszport;|passi|;passinumero;|pas nr|;pasnummer;pasaport;|pas|;여권;护照;護照;旅券;паспорт;"
            + "หนังสือเดินทาง;|cestovni pas|;utlevel"),
        (Topics.Licence, "driver license;driver licence;drivers license;drivers licence;driver s license;driver s licence;driving licence;driving license;driverlicense;driverslicense;driverslicence;|dl|;|dl no|;|dln|;|dl number|;license number;"
            + "licence number;|permit|;fuhrerschein;fuehrerschein;permis de conduire;|permis|;carnet de conducir;permiso de conducir;licencia de conducir;|patente|;patente di guida;carta de conducao;"
            + "|cnh|;rijbewijs;prawo jazdy;prawa jazdy;korkort;forerkort;korekort;ajokortti;surucu belgesi;ehliyet;운전면허"),
        (Topics.Birth, "|dob|;|bday|;|d o b|;date of birth;birth date;birthdate;birthday;|born|;|born on|;dateofbirth;geburtsdatum;geboren;geburtstag;|geb|;date de naissance;|ne le|;|nee le|;fecha de nacimiento;"
            + "|nacido|;|nacida|;fecha nac;|f nac|;data di nascita;|nato il|;|nata il|;|nato a|;|nata a|;data de nascimento;|nascido|;|nascida|;geboortedatum;|geboren op|;data urodzenia;|urodzony|;|urodzona|;fodelsedatum;|fodd|;"
            + "fodselsdato;fodselsdag;syntymaaika;dogum tarihi;datum narozeni;|data nasterii|;출생;生年月日;出生日期;дата рождения"),
        (Topics.Patient, "patient id;patient no;patient number;patientid;|mrn|;medical record;patient mrn;medical file;patient file;chart number;hospital number;patientennummer;numero de patient;"
            + "historia clinica;numero de paciente;numero de utente;numer pacjenta;cislo pacienta;patientnummer;cartella clinica;|patient|"),
        (Topics.Insurance, "health insurance;insurance number;insurance policy;insurance id;insurance no;insurance code;insurance card;member id;subscriber id;|hic|;|hicn|;health card;health plan;|ohip|;"
            + "krankenversicherung;krankenkasse;versichertennummer;|kvnr|;gesundheitskarte;|versicherten|;carte vitale;assurance maladie;tarjeta sanitaria;tessera sanitaria;"
            + "zorgverzekering;medicaid"),
        (Topics.Phone, "|phone|;|telephone|;|tel|;|fax|;|mobile|;|cell|;|call|;|pager|;|telefon|;|handy|;|telefono|;|ph|;|telefax|;|mobil|;|fon|;|telephone|;|voicemail|;|dial|;|whatsapp|;|dial in|;|passcode|;|ext|"),
        (Topics.Order, "order number;order no;|order|;invoice;|ticket|;tracking;|parcel|;|shipment|;bestellnummer;rechnung;|commande|;|facture|;|pedido|;|factura|;|fattura|;|ordine|;|bestelling|;|factuur|;|zamowienie|;"
            + "|reference|;|ref|;|case|;|isbn|;|issn|;|serial|;|version|;|deal|;|confirmation|;|upc|;|ean|;|sku|;|imei|;|imeis|;imei nummer;|imsi|;|iccid|;|awb|;|mawb|;|hawb|;|build|;|msgid|;|message id|"),
        (Topics.BritishInsurance, "national insurance;national insurance number;national insurance no;|nino|;|ni number|;|ni no|"),
        (Topics.BritishHealth, "|nhs|;national health service"),
        (Topics.Canada, "social insurance;social insurance number;social insurance no;|sin|;|sin number|;|sin no|;assurance sociale;|nas|"),
        (Topics.Australia, "|tfn|;tax file;|abn|;australian business;|acn|;australian company"),
        (Topics.AustralianHealth, "medicare;medicare card"),
        (Topics.France, "|nir|;|insee|;securite sociale;|secu|;|numero ss|;numero de securite"),
        (Topics.GermanPension, "|rvnr|;|svnr|;sozialversicherung;rentenversicherung;|versicherungsnummer|"),
        (Topics.GermanDoctor, "|lanr|;|bsnr|;arztnummer;betriebsstatten"),
        (Topics.Spain, "|dni|;|nie|;|nif|;|cif|;documento nacional;numero de identidad;extranjero"),
        (Topics.Italy, "codice fiscale;|cf|;|cod fisc|;partita iva;|p iva|;|piva|;|tessera|"),
        (Topics.Vat, "|vat|;|vat no|;|vat id|;|ust id|;|ustid|;|ust idnr|;|ustidnr|;umsatzsteuer;|tva|;|btw|;|iva|;|moms|;|ust|;|uid|"),
        (Topics.Netherlands, "|bsn|;burgerservice;sofinummer;|sofi|"),
        (Topics.Belgium, "rijksregister;registre national;numero national;|nrn|;|insz|;|niss|"),
        (Topics.Poland, "|pesel|;|nip|;|regon|;numer identyfikacyjny;dowod"),
        (Topics.Sweden, "personnummer;|pnr|;|personnr|;samordningsnummer;personal identity number"),
        (Topics.Company, "|orgnummer|;|orgnr|;|org nr|;|org no|;organisationsnummer;company identity;company number;organisation number;|org nummer|;organization number"),
        (Topics.Norway, "fodselsnummer;|fnr|;personnummer;|d nummer|"),
        (Topics.Denmark, "|cpr|;|cpr nr|;cprnummer;cpr nummer;personnummer"),
        (Topics.Finland, "|hetu|;henkilotunnus;sosiaaliturvatunnus"),
        (Topics.Portugal, "|nif|;contribuinte;identificacao fiscal;cartao de cidadao"),
        (Topics.Brazil, "|cpf|;|c p f|;|cnpj|;|cpf cnpj|;cadastro de pessoa;|pis|;|pasep|;titulo de eleitor"),
        (Topics.Mexico, "|curp|;|rfc|;clave unica;registro federal"),
        (Topics.Aadhaar, "aadhaar;aadhar;|uidai|;|uid|;आधार"),
        (Topics.IndianTax, "|pan|;|pan no|;|pan number|;|pan card|;permanent account;|gstin|;|gst|"),
        (Topics.Voter, "voter;elector;|epic|"),
        (Topics.China, "身份证;身份證;身分證;公民身份;resident id;chinese id;|shenfenzheng|"),
        (Topics.Japan, "マイナンバー;個人番号;my number;mynumber"),
        (Topics.Korea, "주민등록;주민번호;외국인등록;|rrn|;|frn|;resident registration;foreigner registration;alien registration"),
        (Topics.KoreanCompany, "사업자;|brn|;business registration"),
        (Topics.Singapore, "|nric|;|fin|;|uen|;|ic no|;foreign identification"),
        (Topics.SouthAfrica, "rsa id;sa id;south african id;|sa id|;refugee"),
        (Topics.Turkey, "kimlik;|tckn|;|tc no|;|tc kimlik|;turkish id;|t c|"),
        (Topics.Thailand, "thai;ประชาชน;เลขประจำตัว;|tnin|"),
        (Topics.Nigeria, "|nin|;national identification number;|bvn|;nigeria"),
        (Topics.Provider, "|npi|;national provider;|dea|;provider number"),
        (Topics.Medicare, "|mbi|;medicare beneficiary;medicare"),
        (Topics.CentralEurope, "rodne cislo;rodneho cisla;|rc|;|cnp|;cod numeric;|egn|;|oib|;|jmbg|;|emso|;isikukood;asmens kodas;personas kods;|taj|;adoazonosito;|ahv|;|avs|;sozialversicherungsnummer;|svnr|;|afm|;|amka|;"
            + "|инн|;|снилс|;|ипн|;|єгн|;|егн|;|αφμ|;|αμκα|;adojel"),
        (Topics.LatinAmerica, "|rut|;|run|;|cuit|;|cuil|;|cedula|;|ruc|;|dni|;|nit|;|curp|"),
        (Topics.AsiaPacific, "|mykad|;|nric|;|hkid|;|ktp|;|nik|;|cnic|;emirates id;|iqama|;身份證;|umid|;|philhealth|;|sss|;|no ic|;nomor induk"),
        (Topics.NewZealand, "|ird|;inland revenue"),
        (Topics.Ireland, "|pps|;|ppsn|;|pps no|;personal public service"),
        (Topics.Elsewhere, "aws account;azure account;google account;github account;customer account;user account;login account;license error;licence error;software licen;tin can;|sort by|;|sort order|;event was born;event was born on;"
            + "idea was born;idea was born on;project was born;project was born on;company was born;company was born on;geboren wurde die;idee geboren;|termin geb|"),
        (Topics.Israel, "תעודת זהות;|teudat zehut|;|israeli id|"),
    ];
}
