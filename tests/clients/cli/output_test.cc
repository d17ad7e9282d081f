#include "clients/cli/output.h"

#include <gtest/gtest.h>

namespace yard::cli {
namespace {

TEST(CliOutput, ControlsNeverReachTheTerminal) {
  EXPECT_EQ(one_line("a\x1b[31mb\nc\td\x7f"), "a?[31mb c d?");
  EXPECT_EQ(one_line("naïve \xC2\x9B"), "naïve ??");
  EXPECT_EQ(without_controls("a\nb"), "a\nb");
}

TEST(CliOutput, TablesAlignByCharactersNotBytes) {
  EXPECT_EQ(table({{"A", "B"}, {"äöü", "x"}, {"long one", ""}}), "A         B\näöü       x\nlong one\n");
}

TEST(CliOutput, TextIsWrappedAtSpaces) {
  EXPECT_EQ(wrapped("one two three", 9, "  "), "  one two\n  three\n");
  EXPECT_EQ(wrapped("unbreakable", 4, ""), "unbreakable\n");
}

TEST(CliOutput, DurationsReadWell) {
  EXPECT_EQ(duration(0.4), "0.40 ms");
  EXPECT_EQ(duration(250), "250 ms");
  EXPECT_EQ(duration(3'200), "3.2 s");
  EXPECT_EQ(duration(250'000), "4 min 10 s");
}

}  // namespace
}  // namespace yard::cli
