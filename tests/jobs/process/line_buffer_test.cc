#include "jobs/executors/process/line_buffer.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace yard::jobs {
namespace {

std::vector<std::string> drain(LineBuffer& buffer) {
  std::vector<std::string> lines;
  for (auto line = buffer.next(); line && !buffer.too_long(); line = buffer.next()) lines.emplace_back(*line);
  return lines;
}

using Lines = std::vector<std::string>;

TEST(LineBuffer, CutsAtNewlinesWhereverTheBytesWereTorn) {
  const std::string text = "one\n\nthree\r\nfour\n";
  for (std::size_t part = 1; part <= text.size(); ++part) {
    LineBuffer buffer(100);
    Lines lines;
    for (std::size_t at = 0; at < text.size(); at += part) {
      buffer.append(std::string_view(text).substr(at, part));
      for (std::string& line : drain(buffer)) lines.push_back(std::move(line));
    }
    EXPECT_EQ(lines, (Lines{"one", "", "three\r", "four"})) << part;
  }
}

TEST(LineBuffer, TheEndEndsALine) {
  LineBuffer buffer(100);
  buffer.append("a\nb");
  EXPECT_EQ(drain(buffer), Lines{"a"});
  buffer.end();
  EXPECT_EQ(drain(buffer), Lines{"b"});
  EXPECT_EQ(drain(buffer), Lines{});
}

TEST(LineBuffer, TheEndAfterANewlineIsNoLine) {
  LineBuffer buffer(100);
  buffer.append("a\n");
  buffer.end();
  EXPECT_EQ(drain(buffer), Lines{"a"});
}

TEST(LineBuffer, ALineMayBeAsLongAsItMayAndNoLonger) {
  LineBuffer buffer(3);
  buffer.append("abc\nabcd\n");
  EXPECT_EQ(buffer.next(), "abc");
  EXPECT_FALSE(buffer.too_long());
  EXPECT_EQ(buffer.next(), "abc");
  EXPECT_TRUE(buffer.too_long());
}

TEST(LineBuffer, ATooLongLineIsKnownBeforeItEnds) {
  LineBuffer buffer(3);
  buffer.append("abc");
  EXPECT_EQ(buffer.next(), std::nullopt);
  buffer.append("d");
  EXPECT_EQ(buffer.next(), "abc");
  EXPECT_TRUE(buffer.too_long());
}

}  // namespace
}  // namespace yard::jobs
