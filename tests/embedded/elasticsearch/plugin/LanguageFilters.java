import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.apache.lucene.analysis.Analyzer;
import org.apache.lucene.analysis.TokenStream;
import org.apache.lucene.analysis.cjk.CJKAnalyzer;
import org.apache.lucene.analysis.cjk.CJKBigramFilter;
import org.apache.lucene.analysis.cjk.CJKWidthFilter;
import org.apache.lucene.analysis.core.KeywordTokenizer;
import org.apache.lucene.analysis.core.WhitespaceTokenizer;
import org.apache.lucene.analysis.miscellaneous.ASCIIFoldingFilter;
import org.apache.lucene.analysis.miscellaneous.LimitTokenCountFilter;
import org.apache.lucene.analysis.miscellaneous.RemoveDuplicatesTokenFilter;
import org.apache.lucene.analysis.miscellaneous.TrimFilter;
import org.apache.lucene.analysis.ngram.EdgeNGramTokenFilter;
import org.apache.lucene.analysis.ngram.NGramTokenFilter;
import org.elasticsearch.common.settings.Settings;
import org.elasticsearch.index.analysis.AnalyzerProvider;
import org.elasticsearch.index.analysis.AnalyzerScope;
import org.elasticsearch.index.analysis.NormalizingTokenFilterFactory;
import org.elasticsearch.index.analysis.PreConfiguredTokenFilter;
import org.elasticsearch.index.analysis.PreConfiguredTokenizer;
import org.elasticsearch.index.analysis.TokenFilterFactory;
import org.elasticsearch.indices.analysis.AnalysisModule.AnalysisProvider;
import org.elasticsearch.plugins.AnalysisPlugin;
import org.elasticsearch.plugins.Plugin;

/** Lucene's filters under the names and with the defaults that Elasticsearch gives them, for a distribution that leaves them out. */
public class LanguageFilters extends Plugin implements AnalysisPlugin {

    private interface Wrap {
        TokenStream apply(TokenStream in, Settings settings);
    }

    private static AnalysisProvider<TokenFilterFactory> filter(Wrap wrap) {
        return (index, environment, name, settings) -> new TokenFilterFactory() {
            @Override
            public String name() {
                return name;
            }

            @Override
            public TokenStream create(TokenStream in) {
                return wrap.apply(in, settings);
            }
        };
    }

    /** One that a normalizer may use too. */
    private static AnalysisProvider<TokenFilterFactory> normalizing(Wrap wrap) {
        return (index, environment, name, settings) -> new NormalizingTokenFilterFactory() {
            @Override
            public String name() {
                return name;
            }

            @Override
            public TokenStream create(TokenStream in) {
                return wrap.apply(in, settings);
            }
        };
    }

    private static int scripts(Settings settings) {
        List<String> ignored = settings.getAsList("ignored_scripts", List.of());
        int flags = 0;
        if (ignored.contains("han") == false) flags |= CJKBigramFilter.HAN;
        if (ignored.contains("hiragana") == false) flags |= CJKBigramFilter.HIRAGANA;
        if (ignored.contains("katakana") == false) flags |= CJKBigramFilter.KATAKANA;
        if (ignored.contains("hangul") == false) flags |= CJKBigramFilter.HANGUL;
        return flags;
    }

    private static int min(Settings settings) {
        return settings.getAsInt("min_gram", 1);
    }

    private static int max(Settings settings) {
        return settings.getAsInt("max_gram", 2);
    }

    private static boolean original(Settings settings) {
        return settings.getAsBoolean("preserve_original", false);
    }

    @Override
    public Map<String, AnalysisProvider<TokenFilterFactory>> getTokenFilters() {
        return Map.of(
            "cjk_width", normalizing((in, s) -> new CJKWidthFilter(in)),
            "asciifolding", normalizing((in, s) -> new ASCIIFoldingFilter(in, original(s))),
            "trim", normalizing((in, s) -> new TrimFilter(in)),
            "limit", filter((in, s) -> new LimitTokenCountFilter(in, s.getAsInt("max_token_count", 1), s.getAsBoolean("consume_all_tokens", false))),
            "cjk_bigram", filter((in, s) -> new CJKBigramFilter(in, scripts(s), s.getAsBoolean("output_unigrams", false))),
            "edge_ngram", filter((in, s) -> new EdgeNGramTokenFilter(in, min(s), max(s), original(s))),
            "ngram", filter((in, s) -> new NGramTokenFilter(in, min(s), max(s), original(s)))
        );
    }

    private static PreConfiguredTokenFilter known(String name, boolean normalizes, UnaryOperator<TokenStream> wrap) {
        return PreConfiguredTokenFilter.singleton(name, normalizes, wrap::apply);
    }

    @Override
    public List<PreConfiguredTokenFilter> getPreConfiguredTokenFilters() {
        return List.of(
            known("cjk_width", true, CJKWidthFilter::new),
            known("asciifolding", true, ASCIIFoldingFilter::new),
            known("trim", true, TrimFilter::new),
            known("remove_duplicates", false, RemoveDuplicatesTokenFilter::new),
            known("cjk_bigram", false, CJKBigramFilter::new),
            known("edge_ngram", false, in -> new EdgeNGramTokenFilter(in, 1)),
            known("ngram", false, in -> new NGramTokenFilter(in, 1, 2, false))
        );
    }

    @Override
    public List<PreConfiguredTokenizer> getPreConfiguredTokenizers() {
        return List.of(PreConfiguredTokenizer.singleton("keyword", KeywordTokenizer::new), PreConfiguredTokenizer.singleton("whitespace", WhitespaceTokenizer::new));
    }

    @Override
    public Map<String, AnalysisProvider<AnalyzerProvider<? extends Analyzer>>> getAnalyzers() {
        return Map.of("cjk", (index, environment, name, settings) -> new AnalyzerProvider<CJKAnalyzer>() {
            private final CJKAnalyzer analyzer = new CJKAnalyzer();

            @Override
            public String name() {
                return name;
            }

            @Override
            public AnalyzerScope scope() {
                return AnalyzerScope.INDEX;
            }

            @Override
            public CJKAnalyzer get() {
                return analyzer;
            }
        });
    }
}
