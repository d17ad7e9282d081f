#include "tools/abc/smf.h"

#include <gtest/gtest.h>

#include "tests/tools/abc/smf_reader.h"

namespace yard::abc {
namespace {

using namespace std::string_literals;

TEST(SmfVariableNumber, HasSevenBitsAByte) {
  const auto bytes = [](std::uint32_t value) {
    Bytes out;
    append_vlq(out, value);
    return out;
  };
  EXPECT_EQ(bytes(0), "\x00"s);
  EXPECT_EQ(bytes(0x40), "\x40"s);
  EXPECT_EQ(bytes(0x7f), "\x7f"s);
  EXPECT_EQ(bytes(0x80), "\x81\x00"s);
  EXPECT_EQ(bytes(0x2000), "\xc0\x00"s);
  EXPECT_EQ(bytes(0x3fff), "\xff\x7f"s);
  EXPECT_EQ(bytes(0x1fffff), "\xff\xff\x7f"s);
  EXPECT_EQ(bytes(0x0fffffff), "\xff\xff\xff\x7f"s);
}

TEST(SmfHeader, IsFourteenBytes) { EXPECT_EQ(smf_header(1, 3, 480), "MThd\x00\x00\x00\x06\x00\x01\x00\x03\x01\xe0"s); }

TEST(SmfTrack, OfNothingIsAnEnd) { EXPECT_EQ(SmfTrack().take_chunk(), "MTrk\x00\x00\x00\x04\x00\xff\x2f\x00"s); }

TEST(SmfTrack, IsEmptyAfterItsChunkIsTaken) {
  SmfTrack track;
  track.note(0, 10, 0, 60, 80);
  EXPECT_NE(track.take_chunk(), SmfTrack().take_chunk());
  EXPECT_EQ(track.take_chunk(), SmfTrack().take_chunk());
}

TEST(SmfTrack, WritesEventsByTime) {
  SmfTrack track;
  track.note(480, 960, 2, 62, 70);
  track.note(0, 480, 2, 60, 80);
  const testing::ReadSmf smf = testing::read_smf(smf_header(0, 1, 480) + track.take_chunk());
  EXPECT_TRUE(smf.sound);
  EXPECT_EQ(testing::written(smf), "60@0+1 62@1+1");
  EXPECT_EQ(smf.notes[0].channel, 2);
  EXPECT_EQ(smf.notes[1].velocity, 70);
}

TEST(SmfTrack, EndsANoteBeforeTheNextOfItsPitchBegins) {
  SmfTrack track;
  track.note(480, 960, 0, 60, 80);
  track.note(0, 480, 0, 60, 80);
  EXPECT_EQ(testing::written(testing::read_smf(smf_header(0, 1, 480) + track.take_chunk())), "60@0+1 60@1+1");
}

TEST(SmfTrack, ChangesAProgramBeforeTheNoteItIsFor) {
  SmfTrack track;
  track.note(0, 10, 3, 60, 80);
  track.program(0, 3, 40);
  const Bytes chunk = track.take_chunk();
  EXPECT_LT(chunk.find("\xc3\x28"), chunk.find("\x93\x3c"));
}

TEST(SmfTrack, KeepsMetaEventsApartFromChannels) {
  SmfTrack track;
  track.note(0, 20, 0, 60, 80);
  track.meta(10, 0x51, "\x07\xa1\x20"s);
  track.note(10, 20, 0, 64, 80);
  const testing::ReadSmf smf = testing::read_smf(smf_header(0, 1, 480) + track.take_chunk());
  EXPECT_TRUE(smf.sound);
  EXPECT_EQ(smf.notes.size(), 2u);
  ASSERT_EQ(smf.metas_of(0x51).size(), 1u);
  EXPECT_EQ(smf.metas_of(0x51)[0].data, "\x07\xa1\x20"s);
}

}  // namespace
}  // namespace yard::abc
