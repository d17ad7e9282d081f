#include "tools/audio/soundfont.h"

#include <gtest/gtest.h>

#include <filesystem>

#include "tests/support/temp_dir.h"
#include "tests/tools/audio/tiny_soundfont.h"

namespace yard::tools {
namespace {

using testing::tiny_soundfont;

TEST(SoundfontReader, ReadsNamesAndPresetsInOrder) {
  const auto font = read_soundfont(tiny_soundfont());
  ASSERT_TRUE(font) << to_string(font.error());
  EXPECT_EQ(font->name, "Tiny");
  ASSERT_EQ(font->presets.size(), 2u);
  EXPECT_EQ(font->presets[0].name, "Piano");
  EXPECT_EQ(font->presets[0].bank, 0);
  EXPECT_EQ(font->presets[1].name, "Kit");
  EXPECT_EQ(font->presets[1].bank, kDrumBank);
}

TEST(SoundfontReader, ReadsTheKeysOfDrums) {
  const auto font = read_soundfont(tiny_soundfont());
  ASSERT_TRUE(font);
  ASSERT_EQ(font->drum_zones.size(), 2u);
  EXPECT_EQ(font->drum_zones[0].key_low, 35);
  EXPECT_EQ(font->drum_zones[0].key_high, 36);
  EXPECT_EQ(font->drum_zones[0].sample, "Kick");
  EXPECT_EQ(font->drum_zones[1].key_low, 38);
  EXPECT_EQ(font->drum_zones[1].sample, "Snare");
}

TEST(SoundfontReader, EveryPrefixIsMalformed) {
  const Bytes whole = tiny_soundfont();
  for (std::size_t size = 0; size < whole.size(); ++size) {
    const auto font = read_soundfont(BytesView(whole).substr(0, size));
    ASSERT_FALSE(font) << size;
    EXPECT_EQ(font.error().code, ErrorCode::kInvalidArguments) << size;
  }
}

TEST(SoundfontReader, EveryFlippedByteIsReadOrRefused) {
  const Bytes whole = tiny_soundfont();
  for (std::size_t i = 0; i < whole.size(); ++i) {
    for (const char flip : {'\x01', '\x80', '\xff'}) {
      Bytes damaged = whole;
      damaged[i] = static_cast<char>(damaged[i] ^ flip);
      const auto font = read_soundfont(damaged);  // must not crash or read outside, whatever it answers
      if (font) EXPECT_LE(font->presets.size(), kPresetsMax);
    }
  }
}

TEST(SoundfontReader, TellsSoundfontsFromOtherRiffs) {
  EXPECT_TRUE(is_soundfont(tiny_soundfont()));
  EXPECT_FALSE(is_soundfont("RIFF\0\0\0\0WAVE"));
  EXPECT_FALSE(is_soundfont("RIFF"));
  EXPECT_FALSE(is_soundfont(""));
}

TEST(SoundfontReader, ReadsTheInstalledOne) {
  const std::filesystem::path file = "/usr/share/sounds/sf2/TimGM6mb.sf2";
  if (!std::filesystem::exists(file)) GTEST_SKIP() << "timgm6mb-soundfont is not installed";
  const auto font = read_soundfont(testing::read_file(file));
  ASSERT_TRUE(font) << to_string(font.error());
  EXPECT_GE(font->presets.size(), 128u);
  EXPECT_FALSE(font->drum_zones.empty());
  EXPECT_FALSE(font->drum_zones_cut);
}

}  // namespace
}  // namespace yard::tools
