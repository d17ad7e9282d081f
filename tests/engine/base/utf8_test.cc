#include "engine/base/utf8.h"

#include <gtest/gtest.h>

#include <string>

namespace yard {
namespace {

// Source: The Unicode Standard, table 3-7: each row's first and last sequence, and its neighbours.
TEST(Utf8, AcceptsTheBordersOfTable37) {
  for (const std::string_view text :
       {"", "a", "\x7f", "\xC2\x80", "\xDF\xBF", "\xE0\xA0\x80", "\xE0\xBF\xBF", "\xE1\x80\x80", "\xEC\xBF\xBF",
        "\xED\x80\x80", "\xED\x9F\xBF", "\xEE\x80\x80", "\xEF\xBF\xBF", "\xF0\x90\x80\x80", "\xF0\xBF\xBF\xBF",
        "\xF1\x80\x80\x80", "\xF3\xBF\xBF\xBF", "\xF4\x80\x80\x80", "\xF4\x8F\xBF\xBF"}) {
    EXPECT_TRUE(is_utf8(text)) << testing::PrintToString(text);
  }
  EXPECT_TRUE(is_utf8(std::string_view("a\0b", 3)));
}

TEST(Utf8, RefusesWhatTable37DoesNotHave) {
  for (const std::string_view text : {"\x80",
                                      "\xBF",
                                      "\xC0\x80",
                                      "\xC1\xBF",
                                      "\xC2",
                                      "\xC2\x7F",
                                      "\xC2\xC0",
                                      "\xE0\x9F\xBF",
                                      "\xE0\x80\x80",
                                      "\xE1\x80",
                                      "\xE1\x80\x7F",
                                      "\xED\xA0\x80",
                                      "\xED\xBF\xBF",
                                      "\xF0\x8F\xBF\xBF",
                                      "\xF0\x90\x80",
                                      "\xF0\x90\x80\xC0",
                                      "\xF4\x90\x80\x80",
                                      "\xF5\x80\x80\x80",
                                      "\xFE",
                                      "\xFF",
                                      "\xF8\x88\x80\x80\x80"}) {
    EXPECT_FALSE(is_utf8(text)) << testing::PrintToString(text);
  }
}

TEST(Utf8, FindsTheFlawWhereverItStands) {
  for (std::size_t length = 0; length < 40; ++length) {
    for (std::size_t at = 0; at < length; ++at) {
      std::string text(length, 'a');
      EXPECT_TRUE(is_utf8(text));
      text[at] = '\x80';
      EXPECT_FALSE(is_utf8(text)) << at << " of " << length;
    }
  }
}

TEST(Utf8, EveryPrefixOfASequenceIsTorn) {
  const std::string text = "aäb€c😀";
  for (std::size_t length = 0; length <= text.size(); ++length) {
    const bool whole = length == text.size() || (text[length] & 0xC0) != 0x80;
    EXPECT_EQ(is_utf8(std::string_view(text).substr(0, length)), whole) << length;
  }
}

}  // namespace
}  // namespace yard
