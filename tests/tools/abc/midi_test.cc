#include "tools/abc/midi.h"

#include <gtest/gtest.h>

#include <ostream>

#include "tests/tools/abc/smf_reader.h"
#include "tools/abc/abc.h"

namespace yard::abc {
namespace {

using namespace std::string_literals;

std::string tune_of(std::string_view music, std::string_view head = "M:4/4\nL:1/4\n", std::string_view key = "C") {
  return "X:1\nT:Test\n" + std::string(head) + "K:" + std::string(key) + "\n" + std::string(music) + "\n";
}

testing::ReadSmf played(const std::string& tune, const MidiOptions& options = {}) {
  const auto midi = to_midi(tune, options);
  if (!midi) {
    ADD_FAILURE() << to_string(midi.error());
    return {};
  }
  testing::ReadSmf smf = testing::read_smf(midi->bytes);
  EXPECT_TRUE(smf.sound);
  EXPECT_EQ(smf.notes.size(), midi->notes);
  return smf;
}

struct Row {
  std::string_view claim;
  std::string_view music;
  std::string_view notes;  // pitch@onset+duration, in quarters
  std::string_view head = "M:4/4\nL:1/4\n";
  std::string_view key = "C";
};

std::ostream& operator<<(std::ostream& out, const Row& row) { return out << row.claim; }

class Playing : public ::testing::TestWithParam<Row> {};

TEST_P(Playing, IsAsWritten) {
  EXPECT_EQ(testing::written(played(tune_of(GetParam().music, GetParam().head, GetParam().key))), GetParam().notes);
}

INSTANTIATE_TEST_SUITE_P(
    Notes, Playing,
    ::testing::Values(Row{"a chord lasts as its first note", "[C2E]G", "60@0+2 64@0+1 67@2+1"},
                      Row{"inner and outer lengths multiply", "[C2E]2 G", "60@0+4 64@0+2 67@4+1"},
                      Row{"rests take their time in tuplets", "(3Czd e", "60@0+0.666667 74@1.333333+0.666667 76@2+1"},
                      Row{"chords take their time in tuplets", "(3[CE]Dz e",
                          "60@0+0.666667 64@0+0.666667 62@0.666667+0.666667 76@2+1"},
                      Row{"Z is a bar of the meter", "G3|Z|A3|", "67@0+1.5 69@4.5+1.5", "M:6/8\nL:1/8\n"},
                      Row{"ties join notes", "C-C-|C D", "60@0+3 62@3+1"},
                      Row{"ties join chords", "[CE]-[CE]", "60@0+2 64@0+2"},
                      Row{"ties join one note of a chord", "[C-E][CF]", "60@0+2 64@0+1 65@1+1"},
                      Row{"ties need the same pitch", "C-D C", "60@0+1 62@1+1 60@2+1"},
                      Row{"a rest ends a tie", "C-zC", "60@0+1 60@2+1"},
                      Row{"accidentals hold for the bar", "^CC|C", "61@0+1 61@1+1 60@2+1"},
                      Row{"accidentals hold in every octave", "^Cc|c", "61@0+1 73@1+1 72@2+1"},
                      Row{"a tie keeps its accidental over the bar", "^C-|CC", "61@0+2 60@2+1"},
                      Row{"grace notes take from the next note", "{d}C2D", "74@0+0.25 60@0.25+1.75 62@2+1"},
                      Row{"grace notes take half at most", "{defg}C/D",
                          "74@0+0.0625 76@0.0625+0.0625 77@0.125+0.0625 "
                          "79@0.1875+0.0625 60@0.25+0.25 62@0.5+1"},
                      Row{"an overlay begins with its bar", "C2D2&E4|F", "60@0+2 64@0+4 62@2+2 65@4+1"},
                      Row{"a key change holds from there", "F[K:G]F|F", "65@0+1 66@1+1 66@2+1"},
                      Row{"a length change holds from there", "C[L:1/8]CC", "60@0+1 60@1+0.5 60@1.5+0.5"}));

TEST(Midi, AccidentalsReachAsFarAsAsked) {
  const std::string tune = tune_of("^CcC|");
  EXPECT_EQ(testing::pitches_of(played(tune)), (std::vector<int>{61, 73, 61}));
  EXPECT_EQ(testing::pitches_of(played(tune, {.accidentals = AccidentalScope::kOctave})),
            (std::vector<int>{61, 72, 61}));
  EXPECT_EQ(testing::pitches_of(played(tune, {.accidentals = AccidentalScope::kNot})), (std::vector<int>{61, 72, 60}));
}

TEST(Midi, TempoCountsItsOwnBeat) {
  const auto tempo = [](std::string_view head, const MidiOptions& options = {}) {
    const auto metas = played(tune_of("C", head), options).metas_of(0x51);
    return metas.empty() ? ""s : metas.front().data;
  };
  const std::string bpm120 = "\x07\xa1\x20";
  EXPECT_EQ(tempo("Q:1/4=120\n"), bpm120);
  EXPECT_EQ(tempo("Q:3/8=80\n"), bpm120);
  EXPECT_EQ(tempo("Q:1/2=60\n"), bpm120);
  EXPECT_EQ(tempo(""), bpm120);
  EXPECT_EQ(tempo("Q:3/8=50\n", {.tempo_override = 80}), bpm120);
  EXPECT_EQ(tempo("Q:1/4=90\n", {.tempo_override = 120}), bpm120);
}

TEST(Midi, DurationFollowsTheTempoChanges) {
  const auto midi = to_midi(tune_of("C2 [Q:1/4=60] D2", "L:1/4\nQ:1/4=120\n"));
  ASSERT_TRUE(midi.has_value());
  EXPECT_NEAR(midi->duration_seconds, 1.0 + 2.0, 1e-6);
}

TEST(Midi, SaysKeyAndMeter) {
  const auto metas = [](std::string_view head, std::string_view key) {
    const auto smf = played(tune_of("C", head, key));
    return std::pair(smf.metas_of(0x59).front().data, smf.metas_of(0x58).front().data.substr(0, 2));
  };
  EXPECT_EQ(metas("M:6/8\n", "D"), std::pair("\x02\x00"s, "\x06\x03"s));
  EXPECT_EQ(metas("M:C|\n", "Bbm"), std::pair("\xfb\x01"s, "\x02\x01"s));
  EXPECT_EQ(metas("M:3/4\n", "Ador"), std::pair("\x01\x00"s, "\x03\x02"s));
}

TEST(Midi, VoicesHaveChannelsThatSkipTheDrums) {
  std::string head = "L:1\n";
  std::string music;
  for (int i = 1; i <= 4; ++i) {
    head += "V:" + std::to_string(i) + "\n";
    music += "[V:" + std::to_string(i) + "]" + std::string(1, static_cast<char>('B' + i)) + "\n";
  }
  const testing::ReadSmf smf = played(tune_of(music, head), {.channel = 7});
  EXPECT_EQ(smf.format, 1);
  EXPECT_EQ(smf.tracks, 5);
  std::vector<int> channels;
  for (const testing::ReadNote& note : smf.notes) channels.push_back(note.channel);
  EXPECT_EQ(channels, (std::vector<int>{7, 8, 10, 11}));
}

TEST(Midi, ProgramsReachTheirVoices) {
  const testing::ReadSmf smf =
      played(tune_of("[V:1]C\n[V:2]E\n%%MIDI program 12\n[V:2]F", "V:1\n%%MIDI program 40\nV:2\n%%MIDI program 41\n"));
  std::vector<std::pair<int, int>> programs;
  for (const testing::ReadProgram& program : smf.programs) programs.emplace_back(program.channel, program.program);
  EXPECT_EQ(programs, (std::vector<std::pair<int, int>>{{0, 40}, {1, 41}, {1, 12}}));
}

TEST(Midi, ObeysVelocityChannelAndTransposition) {
  const testing::ReadSmf smf = played(tune_of("C!ff!D!mf!E"), {.transpose = -3, .velocity = 64, .channel = 5});
  ASSERT_EQ(smf.notes.size(), 3u);
  EXPECT_EQ(testing::pitches_of(smf), (std::vector<int>{57, 59, 61}));
  EXPECT_EQ(smf.notes[0].velocity, 64);
  EXPECT_GT(smf.notes[1].velocity, 64);
  EXPECT_EQ(smf.notes[2].velocity, 64);
  EXPECT_EQ(smf.notes[0].channel, 5);
}

TEST(Midi, NotesOutOfRangeAreDropped) {
  EXPECT_EQ(testing::pitches_of(played(tune_of("Cg''''A"), {.transpose = 60})), (std::vector<int>{120}));
}

TEST(Midi, TakesATuneByItsNumber) {
  const std::string book = tune_of("C") + "\nX:7\nT:Other\nK:C\nE\n";
  EXPECT_EQ(testing::pitches_of(played(book)), (std::vector<int>{60}));
  EXPECT_EQ(testing::pitches_of(played(book, {.tune = 7})), (std::vector<int>{64}));
  EXPECT_EQ(to_midi(book, {.tune = 8}).error().code, ErrorCode::kInvalidArguments);
}

TEST(Midi, OptionsOutOfRangeAreRefused) {
  const auto refused = [](const MidiOptions& options) {
    const auto midi = to_midi(tune_of("C"), options);
    return !midi && midi.error().code == ErrorCode::kInvalidArguments;
  };
  EXPECT_TRUE(refused({.tempo_override = 0}));
  EXPECT_TRUE(refused({.tempo_override = 1'001}));
  EXPECT_TRUE(refused({.transpose = 61}));
  EXPECT_TRUE(refused({.velocity = 0}));
  EXPECT_TRUE(refused({.velocity = 128}));
  EXPECT_TRUE(refused({.channel = 16}));
}

TEST(Midi, NoTuneIsAnError) {
  for (const std::string_view text : {"", "hello", "\n\n\n"}) {
    const auto midi = to_midi(text);
    ASSERT_FALSE(midi.has_value());
    EXPECT_EQ(midi.error().code, ErrorCode::kInvalidArguments);
  }
}

TEST(Midi, AFaultIsNamedWithItsPlace) {
  const auto midi = to_midi(tune_of("CDE\nC[CE D|"));
  ASSERT_FALSE(midi.has_value());
  EXPECT_EQ(midi.error().code, ErrorCode::kInvalidArguments);
  EXPECT_NE(midi.error().message.find("line 7, column 2"), std::string::npos) << midi.error().message;
}

TEST(Midi, AFaultInAnotherTuneDoesNotMatter) {
  const std::string book = tune_of("C") + "\nX:7\nT:Other\nK:C\n[CE\n";
  EXPECT_EQ(testing::pitches_of(played(book)), (std::vector<int>{60}));
  EXPECT_FALSE(to_midi(book, {.tune = 7}).has_value());
}

TEST(Midi, HostileLengthsAreRefusedOrBounded) {
  std::string long_notes;
  for (int i = 0; i < 2'000; ++i) long_notes += "C1024";
  EXPECT_EQ(to_midi(tune_of(long_notes, "L:1024\n")).error().code, ErrorCode::kTooLarge);
  std::string broken;
  for (int i = 0; i < 2'000; ++i) broken += "(3(5A1/1023>>>B1/1021 ";
  static_cast<void>(to_midi(tune_of(broken)));
}

TEST(Midi, HostileRepeatsAreRefused) {
  const std::string bars(4'000, 'C');
  EXPECT_EQ(to_midi(tune_of(bars + "::", "P:A9999\nL:1/64\n", "C\nP:A")).error().code, ErrorCode::kTooLarge);
}

}  // namespace
}  // namespace yard::abc
