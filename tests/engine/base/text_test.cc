#include "engine/base/text.h"

#include <gtest/gtest.h>

#include "engine/base/hash.h"
#include "engine/base/little_endian.h"

namespace yard {
namespace {

TEST(Printable, KeepsPrintableAsciiAlone) {
  EXPECT_EQ(printable("abc_09 ~"), "abc_09 ~");
  EXPECT_EQ(printable("a\nb\x1b[2J\x7f"), "a?b?[2J?");
  EXPECT_EQ(printable(std::string_view("\0\xff", 2)), "??");
}

TEST(Printable, CutsWhatIsLong) {
  EXPECT_EQ(printable(std::string(64, 'a')), std::string(64, 'a'));
  const std::string cut = printable(std::string(65, 'a'));
  EXPECT_LE(cut.size(), 64u + 3u);
  EXPECT_TRUE(cut.ends_with("..."));
}

// Source: xxHash's own self test, XXH3 64 bits of no bytes with seed 0.
TEST(Hash64, IsXxh3) {
  EXPECT_EQ(hash64(""), 0x2D06800538D394C2ull);
  EXPECT_NE(hash64("a"), hash64("b"));
  EXPECT_NE(hash64("a"), hash64("a", 1));
}

TEST(LittleEndian, FieldsLieLowByteFirst) {
  char place[4];
  store_le<std::uint32_t>(place, 0x01020304);
  EXPECT_EQ(BytesView(place, 4), BytesView("\x04\x03\x02\x01", 4));
  EXPECT_EQ(load_le<std::uint32_t>(BytesView(place, 4), 0), 0x01020304u);
  EXPECT_EQ(load_le<std::uint16_t>(BytesView(place, 4), 2), 0x0102u);
}

}  // namespace
}  // namespace yard
