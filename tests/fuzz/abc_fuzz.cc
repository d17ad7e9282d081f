// Input: ABC. The parser takes any bytes, keeps its spans within them and answers the same twice.
#include <string_view>

#include "engine/base/check.h"
#include "engine/base/pack.h"
#include "tests/fuzz/fuzz.h"
#include "tools/abc/abc.h"
#include "tools/abc/pack_tree.h"

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace yard;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const abc::Parsed parsed = abc::parse(text);
  YARD_CHECK(parsed.diagnostics.size() <= abc::kDiagnosticsMax);
  YARD_CHECK(!parsed.valid() || !parsed.book.tunes.empty());
  for (const abc::Diagnostic& diagnostic : parsed.diagnostics) YARD_CHECK(diagnostic.span.end() <= size);
  for (const abc::Tune& tune : parsed.book.tunes) {
    for (const abc::Element& element : tune.body) {
      YARD_CHECK(element.span.end() <= size);
      YARD_CHECK(element.voice < tune.voices.size());
    }
  }
  Bytes tree;
  PackWriter writer(tree);
  if (!abc::write_tunes(writer, parsed.book.tunes, 1 << 20)) return 0;
  // Only text that is UTF-8, as it is in arguments, makes a tree that is.
  Bytes packed_text;
  PackWriter(packed_text).string(text);
  if (check_pack(packed_text)) YARD_CHECK(check_pack(tree, {.depth_max = 32, .nodes_max = 1U << 22U}));
  return 0;
}
