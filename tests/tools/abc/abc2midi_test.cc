// Our player against abc2midi (Debian's abcmidi), which people know and trust: same notes, same times.
#include <gtest/gtest.h>
#include <stdlib.h>

#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <ostream>

#include "tests/tools/abc/smf_reader.h"
#include "tools/abc/midi.h"
#include "tools/abc/transpose.h"

namespace yard::abc {
namespace {

using testing::ReadNote;
using testing::ReadSmf;

struct Row {
  std::string_view name;
  std::string_view head;
  std::string_view rest;
};

std::ostream& operator<<(std::ostream& out, const Row& row) { return out << row.name; }

// Where abc2midi is not followed, and no row goes: it drops the outer length of "[C2E2]2", goes back over
// double bars where ":|" has no "|:", writes trills and rolls out,
// and spreads chords in time unless told not to (chordattack).

// abc2midi ends notes a little early and rounds tuplets to its own ticks.
constexpr double kOnsetTolerance = 0.01;     // quarters
constexpr double kDurationTolerance = 0.05;  // quarters

std::string text_of(const Row& row) {
  return "X:1\nT:Test\n%%MIDI chordattack 0\n" + std::string(row.head) + std::string(row.rest);
}

class Abc2midi : public ::testing::TestWithParam<Row> {
 protected:
  void SetUp() override {
    // The exit status of "-ver" differs between versions: only "not found" counts.
    if (std::system("command -v abc2midi >/dev/null 2>&1") != 0) {
      GTEST_SKIP() << "abc2midi is not installed (Debian: apt-get install abcmidi)";
    }
    std::string name = (std::filesystem::temp_directory_path() / "switchyard-abc2midi-XXXXXX").string();
    ASSERT_NE(mkdtemp(name.data()), nullptr);
    folder_ = name;
  }

  void TearDown() override {
    if (!folder_.empty()) std::filesystem::remove_all(folder_);
  }

  ReadSmf reference(std::string_view tune) const {
    const std::filesystem::path abc = folder_ / "tune.abc";
    const std::filesystem::path midi = folder_ / "tune.mid";
    std::ofstream(abc, std::ios::binary) << tune;
    const std::string command =
        "abc2midi " + abc.string() + " -o " + midi.string() + " -NGUI -NFNP -NCOM -NFER -silent >/dev/null 2>&1";
    static_cast<void>(std::system(command.c_str()));
    std::ifstream file(midi, std::ios::binary);
    return testing::read_smf(std::string{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()});
  }

  std::filesystem::path folder_;
};

// Empty where both play the same.
std::string first_difference(const ReadSmf& ours, const ReadSmf& theirs) {
  const auto quarters = [](const ReadSmf& smf, std::uint32_t ticks) {
    return static_cast<double>(ticks) / static_cast<double>(smf.ticks_per_quarter);
  };
  if (ours.notes.size() != theirs.notes.size()) return "the number of notes";
  for (std::size_t i = 0; i < ours.notes.size(); ++i) {
    const ReadNote& a = ours.notes[i];
    const ReadNote& b = theirs.notes[i];
    const std::string place = "note " + std::to_string(i) + ": ";
    if (a.pitch != b.pitch) return place + "pitch";
    if (std::abs(quarters(ours, a.begin) - quarters(theirs, b.begin)) > kOnsetTolerance) return place + "onset";
    const double durations = quarters(ours, a.end - a.begin) - quarters(theirs, b.end - b.begin);
    if (std::abs(durations) > kDurationTolerance) return place + "duration";
  }
  return {};
}

// Quarters in microseconds, where a tempo is set.
std::vector<std::string> tempos(const ReadSmf& smf) {
  std::vector<std::string> found;
  for (const testing::ReadMeta& meta : smf.metas_of(0x51)) {
    if (found.empty() || found.back() != meta.data) found.push_back(meta.data);
  }
  return found;
}

TEST_P(Abc2midi, PlaysTheSameNotes) {
  const std::string tune = text_of(GetParam());
  const auto midi = to_midi(tune);
  ASSERT_TRUE(midi.has_value()) << to_string(midi.error());
  const ReadSmf ours = testing::read_smf(midi->bytes);
  const ReadSmf theirs = reference(tune);
  EXPECT_TRUE(ours.sound);
  ASSERT_FALSE(theirs.notes.empty());
  EXPECT_EQ(first_difference(ours, theirs), "")
      << "ours:   " << testing::written(ours) << "\ntheirs: " << testing::written(theirs);
  EXPECT_EQ(tempos(ours), tempos(theirs));
}

// Transposing is checked with their ears, so that a fault of our reading can't hide one of our writing.
TEST_P(Abc2midi, HearsTransposedTextsShifted) {
  const std::string tune = text_of(GetParam());
  const ReadSmf before = reference(tune);
  for (const int semitones : {-7, -1, 2, 6}) {
    const auto moved = transpose(tune, {.semitones = semitones});
    ASSERT_TRUE(moved.has_value()) << to_string(moved.error());
    ReadSmf after = reference(moved->abc);
    for (ReadNote& note : after.notes) note.pitch -= semitones;
    EXPECT_EQ(first_difference(after, before), "") << semitones << "\n" << moved->abc;
  }
}

constexpr std::string_view kCommon = "M:4/4\nL:1/8\nQ:1/4=100\n";

const Row kRows[] = {
    {"Scale", kCommon, "K:C\nCDEF GABc|cBAG FEDC|]\n"},
    {"Endings", kCommon, "K:G\n|:GABc d2g2|1 fedc B2A2:|2 fedc G4|]\n"},
    {"EndingsAndAnotherSection", kCommon, "K:G\n|:G4 A4|1 B8:|2 c8::d4 e4|1 f8:|2 g8|]\n"},
    {"ThreeEndings", kCommon, "K:D\n|:D4 E4|1 F8:|2 G8:|3 A8|]\n"},
    {"EndingsWithLists", kCommon, "K:D\n|:D4 E4|1,3 F8:|2,4 G8:|]\n"},
    {"RepeatFromTheBeginning", kCommon, "K:D\nD4 E4|F4 G4:|A4 B4:|\n"},
    {"EndingsWithinTheBar", kCommon, "K:D\n|:D4 E2|1 F2:|2 G2|]\n"},
    {"BracketedEndings", kCommon, "K:D\n|:D8|[1 F8:|[2 G8|]\n"},
    {"EndingsOverTwoBars", kCommon, "K:D\n|:D8|1 F8|E8:|2 G8|A8|]\n"},
    {"MinorSecondTieIntoAnotherPitch", kCommon, "K:C\nC4-^C4|C8|]\n"},
    {"NaturalsInKey", kCommon, "K:Ab\n=E2E2 =A2A2|E2A2 _G2G2|]\n"},
    {"ExplicitSignature", kCommon, "K:D =c\nDEFG ABcd|]\n"},
    {"Pipes", kCommon, "K:HP\nGABc defg|]\n"},
    {"TempoWithoutBeat", "M:4/4\nL:1/8\nQ:100\n", "K:C\nC4 D4|]\n"},
    {"NoTempo", "M:4/4\nL:1/8\n", "K:C\nC4 D4|]\n"},
    {"DefaultLengthFromTheMeter", "M:2/4\nQ:1/4=100\n", "K:C\nCDEF GABc|]\n"},
    {"DoubleRepeat", kCommon, "K:D\n|:D4 E4::F4 G4:|\n"},
    {"PlainTwice", kCommon, "K:D\nD4 E4|F4 G4|]\nA4 B4|]\n"},
    {"Dorian", kCommon, "K:Ador\nABcd efga|gfed cBAG|]\n"},
    {"BFlatMinor", kCommon, "K:Bbm\nBcde fgab|agfe dcBA|]\n"},
    {"Mixolydian", kCommon, "K:Emix\nEFGA Bcde|]\n"},
    {"Lydian", kCommon, "K:F lydian\nFGAB cdef|]\n"},
    {"SixEight", "M:6/8\nL:1/8\nQ:3/8=80\n", "K:G\nGAB cde|d3 B3|z3 G3|]\n"},
    {"BarsOfRest", "M:6/8\nL:1/8\nQ:3/8=80\n", "K:G\nG6|Z2|A6|Z|B6|]\n"},
    {"Triplets", kCommon, "K:C\n(3CDE (3FGA B2 c2|(3:2:2C2E (3zGA c4|]\n"},
    {"TripletOfChords", kCommon, "K:C\n(3[CE][DF][EG] c2 z4|]\n"},
    {"OtherTuplets", kCommon, "K:C\n(2CD (4EFGA B2|(5CDEFG (6CDEFGA|]\n"},
    {"TupletsInCompoundTime", "M:6/8\nL:1/8\nQ:3/8=80\n", "K:C\n(2CD (4EFGA|(5CDEFG c3|]\n"},
    {"Chords", kCommon, "K:C\n[CEG]4 [DFA]4|[CEG]2[FAc]2[GBd]4|]\n"},
    {"ChordWithOuterLength", kCommon, "K:C\n[CEG]4 [DF]/[DF]/ [EG]3|]\n"},
    {"BrokenRhythm", kCommon, "K:D\nA>B c<d e>>f g<<a|D>E F<G A4|]\n"},
    {"BrokenChords", kCommon, "K:D\n[DF]>[EG] A<[Bd] z>D E4|]\n"},
    {"TiesOverBars", kCommon, "K:C\nC4 D4-|D4 E4-|E8|]\n"},
    {"ChordTies", kCommon, "K:C\n[CEG]4-[CEG]4|[CE]8-|[CE]8|]\n"},
    {"PartialChordTie", kCommon, "K:C\n[C-EG]4 [CFA]4|]\n"},
    {"TieKeepsItsAccidental", kCommon, "K:C\nF4 ^F4-|F4 F4|]\n"},
    {"AccidentalsHoldInTheBar", kCommon, "K:C\n^F2F2 _B2B2|F2B2 =F2F2|]\n"},
    {"AccidentalsInAllOctaves", kCommon, "K:C\n^F2f2 F,2f'2|F2f2 z4|]\n"},
    {"DoubleAccidentals", kCommon, "K:E\n^^F2 __B2 F2 B2|F2B2 z4|]\n"},
    {"Pickup", kCommon, "K:D\nA2|d2f2 a2f2|d6:|\n"},
    {"PickupAndRepeats", kCommon, "K:D\nA2|:d2f2 a2f2|1 d6 A2:|2 d8|]\n"},
    {"InlineKeys", kCommon, "K:D\nDEFG|[K:F]FGAB|[K:Am]ABcd|\nK:Eb\nEFGA|]\n"},
    {"InlineLengthAndMeter", kCommon, "K:C\nCDEF GABc|[L:1/16]CDEF GABc cBAG FEDC|[M:3/4][L:1/4]CDE|Z|]\n"},
    {"TempoChange", kCommon, "K:C\nC4 D4|[Q:1/4=60]E4 F4|\nQ:3/8=90\nG4 A4|]\n"},
    {"TempoInEighths", "M:4/4\nL:1/8\nQ:1/8=200\n", "K:C\nC4 D4|]\n"},
    {"TempoInHalves", "M:C|\nL:1/8\nQ:1/2=70\n", "K:C\nC4 D4|]\n"},
    {"TempoOfThreeEighths", "M:9/8\nL:1/8\nQ:3/8=104\n", "K:C\nCDE FGA Bcd|]\n"},
    {"Octaves", kCommon, "K:C\nC,,2 C,2 C2 c2|c'2 c''2 C'2 c,2|]\n"},
    {"Lengths", kCommon, "K:C\nC2 D/ E/2 F// G/4 A3/2 B3/ c7/4|]\n"},
    {"TwoVoices", kCommon, "V:1\nV:2\nK:G\n[V:1] G4 A4|B8|]\n[V:2] G,8|D,4 G,4|]\n"},
    {"TwoVoicesInBlocks", kCommon, "K:F\nV:1\nF4 A4|:c8:|\nV:2\nF,8|:C,8:|\n"},
    {"VoicesWithTheirKeys", kCommon, "V:1\nV:2\nK:C\nV:1\n[K:D]F4 c4|F8|]\nV:2\nF,4 C4|F,8|]\n"},
    {"Overlay", kCommon, "K:C\nC4 D4 & E8|F8|]\n"},
    {"Parts", "M:4/4\nL:1/8\nQ:1/4=100\n", "P:AABA\nK:C\nP:A\nC8|\nP:B\nD4 E4|\n"},
    {"Comments", kCommon, "K:C\nCDEF % DDDD\nw: la la la la\nGABc|]\n"},
    {"SlursAndDecorations", kCommon, "K:C\n(C!tenuto!D) E!fine!F \"Am\"G\"^up\"A HB uc|]\n"},
};

INSTANTIATE_TEST_SUITE_P(Tunes, Abc2midi, ::testing::ValuesIn(kRows),
                         [](const auto& row) { return std::string(row.param.name); });

}  // namespace
}  // namespace yard::abc
