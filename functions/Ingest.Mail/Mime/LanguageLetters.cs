using System.Collections.Frozen;

namespace Ingest.Mail.Mime;

/// <summary>How likely letters beyond ASCII are in a language, and in which charsets it is written.</summary>
internal sealed class LanguageLetters
{
    private const float Rare = -1;
    private const float Flip = -1.5f;

    // Alphabets lie below this; their letters are weighed by a table, those of larger scripts by a dictionary.
    private const int Alphabets = 0x500;
    private const byte Lower = 1, Upper = 2, Neutral = 4;

    private static readonly byte[] Traits = TraitsOfAlphabets();

    private readonly FrozenDictionary<char, float> weights;
    private readonly float[] ofAlphabets;
    private readonly Func<char, float> otherwise;
    private readonly bool cased, latin;

    private LanguageLetters(string common, string other, int[] codePages, Func<char, float>? otherwise = null)
    {
        CodePages = codePages;
        this.otherwise = otherwise ?? (static _ => Rare);
        cased = otherwise is null;
        latin = cased && common[0] < '\u0250';
        var found = new Dictionary<char, float>();
        foreach (var (letters, weight) in ((string, float)[])[(common, 1), (other, 0.6f)])
        {
            foreach (var c in letters)
            {
                found.TryAdd(c, weight);
                if (cased)
                    found.TryAdd(char.ToUpperInvariant(c), weight * 0.85f);
            }
        }
        weights = found.ToFrozenDictionary();
        ofAlphabets = [.. Enumerable.Range(0, Alphabets).Select(c => found.TryGetValue((char)c, out var weight) ? weight : this.otherwise((char)c))];
    }

    public int[] CodePages { get; }

    private const string Cyrillic = "оеаинтсрвлкмдпуяыь", RareCyrillic = "гзбчйхжшюцщэфёъ";
    private const string Hans = "的一是不了在有人我他这个们中来上大为和国地到以说时要就出会可也你对生能而子那得于着下自之年过发后作里用道行所然家种事成方多经么去法学如都同现当没动面起看定天分还进好小部其些主样理心她本前开但因只从想实日军者意无力它与长把机十民第公此已工使情明性知全三又关点正业外将两高间由问很最重并物手应战向头文体政美相见被利什二等产或新己制身果加西月话合回特代内信表化老给世位次度门任常先海通教儿原东声提立及比员解水名真论处走义各入几口认条平系气题活尔更别打女变四神总何电数安少报才结反受目太量再感建务做接必场件计管期市直德资命山金指克许统区保至队形社便空决治展马科司五基眼书非则听白却界达光放强即像难且权思王象完设式色路记南品住告类求据程北边死张该交规万取格望觉术领共确传师观清今切院让识候带导争运您请谢款订单邮箱密码账号贵";
    private const string Hant = "的一是不了在有人我他這個們中來上大為和國地到以說時要就出會可也你對生能而子那得於著下自之年過發後作裡用道行所然家種事成方多經麼去法學如都同現當沒動面起看定天分還進好小部其些主樣理心她本前開但因只從想實日軍者意無力它與長把機十民第公此已工使情明性知全三又關點正業外將兩高間由問很最重並物手應戰向頭文體政美相見被利什二等產或新己制身果加西月話合回特代內信表化老給世位次度門任常先海通教兒原東聲提立及比員解水名真論處走義各入幾口認條平系氣題活爾更別打女變四神總何電數安少報才結反受目太量再感建務做接必場件計管期市直德資命山金指克許統區保至隊形社便空決治展馬科司五基眼書非則聽白卻界達光放強即像難且權思王象完設式色路記南品住告類求據程北邊死張該交規萬取格望覺術領共確傳師觀清今切院讓識候帶導爭運您請謝款訂單郵箱密碼賬號貴";
    private const string Hangul = "이다는을의에가하고지한사도로어기리아자나대해서시인그정을를은들수있보만게니스일제전부라여주것장않없음습합요세안녕상원신성우조구비화경관과오소요면마내연동선무모공생바계실물결적었했되된입문편용유진심거드와까때위중간금분번더세";

    /// <summary>The languages, the likelier of two that fit alike first.</summary>
    public static IReadOnlyList<LanguageLetters> All { get; } =
    [
        new("äöüß", "éà", [1252]),
        new("éèêàçâîôùûœëï", "æÿ", [1252]),
        new("áéíóúñü", "¿¡ºª", [1252]),
        new("ãáéíóúâêôçõà", "ºªü", [1252]),
        new("àèéìòù", "íîóú", [1252]),
        new("åäöé", "üàæø", [1252]),
        new("æøå", "éòôäö", [1252]),
        new("éëïöüè", "áóí", [1252]),
        new("áðéíóúýþæö", "", [1252]),
        // A list of names from many countries.
        new("é", "èáíóúàâêôçñãõäöüåøæß", [1252]),
        new("ąćęłńóśźż", "é", [1250, 28592]),
        new("áčďéěíňóřšťúůýž", "äöü", [1250, 28592]),
        new("áéíóöőúüű", "ä", [1250, 28592]),
        new("áäčďéíĺľňóôŕšťúýž", "ě", [1250, 28592]),
        new("ăâîșțşţ", "é", [1250, 28592]),
        new("čćđšž", "", [1250, 28592]),
        new("çğıöşüİ", "âîû", [1254]),
        new("ąčęėįšųūž", "", [1257]),
        new("āčēģīķļņšūž", "", [1257]),
        new("äõöüšž", "", [1257]),
        new(Cyrillic, RareCyrillic, [1251, 20866, 866, 28595]),
        new(Cyrillic.Replace("ы", "", StringComparison.Ordinal) + "іїєґ", RareCyrillic, [1251, 21866]),
        new(Cyrillic + "јљњћђџ", "гзбчйхжшюцщф", [1251]),
        new("αοιετσνηυρπκλμςάίόέήώύ", "γδθφχβωζξψϊϋΐΰ", [1253, 28597]),
        new("יוהלאמרתבשנ", "", [1255, 28598], static c => c is >= '\u05d0' and <= '\u05ea' ? 0.8f : c is >= '\u05b0' and < '\u05d0' ? 0.3f : Rare),
        new("اليمونرتبةعدسفحقك", "", [1256, 28596], static c => c is >= '\u0621' and <= '\u06ff' ? 0.6f : Rare),
        new("านรอกเงมยลวดทสตะปบคหแจพชขใไโ่้ัีิุู", "", [874], static c => c is >= '\u0e01' and <= '\u0e5b' ? 0.3f : Rare),
        new("", "", [932, 51932], static c => c switch { >= '\u3041' and <= '\u3096' => 1, >= '\u30a1' and <= '\u30fc' => 0.8f, >= '\u4e00' and <= '\u9fff' => 0.55f, >= '\uff61' and <= '\uff9f' => -0.2f, _ => Rare }),
        new(Hans, "", [54936], static c => c is >= '\u4e00' and <= '\u9fff' ? 0.3f : Rare),
        new(Hant, "", [950], static c => c is >= '\u4e00' and <= '\u9fff' ? 0.3f : Rare),
        new(Hangul, "", [949], static c => c is >= '\uac00' and <= '\ud7a3' ? 0.35f : Rare),
    ];

    /// <summary>How well a text fits, 1 for very, less than 0 for not at all; only characters beyond ASCII count.</summary>
    public float Fit(string text)
    {
        float sum = 0;
        int count = 0, row = 0;
        byte before = 0;
        var previous = ' ';
        foreach (var c in text)
        {
            var traits = TraitsOf(c);
            if (c >= '\u0080' && (traits & Neutral) == 0 && (cased || c is < '\u2500' or > '\u27bf'))
            {
                count++;
                sum += c < Alphabets ? ofAlphabets[c] : weights.TryGetValue(c, out var weight) ? weight : otherwise(c);
                // No Latin word is made of accents alone.
                if (latin && ++row > 2)
                    sum += Flip;
                // No word is of two alphabets.
                if (cased && !latin && char.IsAsciiLetter(previous))
                    sum += Flip;
                // A capital behind a small letter is what another charset makes of a word.
                if (cased && (before & Lower) != 0 && (traits & Upper) != 0)
                    sum += Flip;
            }
            else
                row = 0;
            if (c < '\u0080' && cased && previous >= '\u0080' && (traits & Upper) != 0 && (before & Lower) != 0)
                sum += Flip;
            (previous, before) = (c, traits);
        }
        return count == 0 ? 0 : sum / count;
    }

    private static byte TraitsOf(char c) => c < Alphabets ? Traits[c] : ReadTraits(c);

    private static byte ReadTraits(char c) => (byte)((char.IsLower(c) ? Lower : 0) | (char.IsUpper(c) ? Upper : 0) | (IsNeutral(c) ? Neutral : 0));

    private static byte[] TraitsOfAlphabets() => [.. Enumerable.Range(0, Alphabets).Select(static c => ReadTraits((char)c))];

    private static bool IsNeutral(char c) => c is '\u00a0' or '«' or '»' or '°' or '§' or '·' or '©' or '®' or '€' or '™' or (>= '\u2010' and <= '\u2027') or '\u2030' or '\u2039' or '\u203a' or (>= '\u3000' and <= '\u301f') or (>= '\uff01' and <= '\uff60') or '№' or '\u00ad';
}
