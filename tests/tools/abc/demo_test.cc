// What we ship must be what we ask for.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>

#include "tools/abc/abc.h"

namespace yard::abc {
namespace {

Parsed parse_file(std::string_view name) {
  std::ifstream file(std::filesystem::path(YARD_SOURCE_DIR) / "deploy" / "demo" / name, std::ios::binary);
  const std::string text{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
  return parse(text);
}

void expect_clean(const Parsed& parsed) {
  for (const Diagnostic& diagnostic : parsed.diagnostics) {
    ADD_FAILURE() << diagnostic.span.line << ':' << diagnostic.span.column << ": " << diagnostic.message;
  }
}

TEST(DemoTunes, TheTuneIsCleanAndHasTwoVoices) {
  const Parsed parsed = parse_file("tune.abc");
  expect_clean(parsed);
  ASSERT_EQ(parsed.book.tunes.size(), 1u);
  EXPECT_EQ(parsed.book.tunes[0].voices.size(), 2u);
}

TEST(DemoTunes, TheBookIsCleanAndHasSixTunesInSixKeys) {
  const Parsed parsed = parse_file("tunebook.abc");
  expect_clean(parsed);
  std::vector<std::string> keys;
  for (const TuneEntry& entry : list_tunes(parsed.book)) keys.push_back(entry.key);
  EXPECT_EQ(keys, (std::vector<std::string>{"D", "G", "Ador", "Bb", "F#m", "Emix"}));
}

}  // namespace
}  // namespace yard::abc
