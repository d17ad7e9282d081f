#include <gtest/gtest.h>

#include <cstring>

#include "engine/base/base64.h"
#include "tests/support/call_tool.h"
#include "tests/support/temp_dir.h"
#include "tests/tools/audio/tiny_soundfont.h"
#include "tools/artifacts/tools.h"
#include "tools/audio/tools.h"
#include "tools/cas/tools.h"

namespace yard::tools {
namespace {

using nlohmann::json;
using testing::call;
using testing::midi_file;
using testing::midi_note;
using testing::tiny_soundfont;

constexpr const char* kBook =
    "X:1\nT:One\nM:4/4\nL:1/4\nQ:1/4=240\nK:C\nCDEF|\n\n"
    "X:2\nT:Two\nM:4/4\nL:1/4\nQ:1/4=240\nK:G\nGABc|\n";

class AudioTools : public ::testing::Test {
 protected:
  void SetUp() override {
    cas_ = *Cas::open(dir_.path() / "cas");
    artifacts_ = *Artifacts::open(dir_.path() / "artifacts.sqlite", clock_, random_);
    soundfonts_ = std::make_unique<Soundfonts>(*cas_);
    const Status learnt = soundfonts_->learn_default(dir_.write("tiny.sf2", tiny_soundfont()));
    ASSERT_TRUE(learnt) << to_string(learnt.error());
    studio_ = std::make_unique<Studio>(*cas_, *artifacts_, *soundfonts_);
    const StoredHook learn = [this](const CasObject& object, jobs::JobContext&) {
      static_cast<void>(soundfonts_->learn(object));
    };
    ASSERT_TRUE(add_cas_tools(registry_, *cas_, {}, learn));
    ASSERT_TRUE(add_artifact_tools(registry_, *cas_, *artifacts_, {}, learn));
    const Status added = add_audio_tools(registry_, *studio_);
    ASSERT_TRUE(added) << to_string(added.error());
  }

  std::string store(std::string_view bytes) { return cas_->store(bytes, kOctetStream)->hash.text(); }

  Bytes content(const std::string& hash) { return *cas_->read(*ContentHash::parse(hash), 0, 1 << 28); }

  std::size_t in_the_making() {
    return static_cast<std::size_t>(std::distance(std::filesystem::directory_iterator(dir_.path() / "cas/tmp"),
                                                  std::filesystem::directory_iterator()));
  }

  testing::TempDir dir_;
  SystemClock clock_;
  SeededRandom random_{7};
  std::unique_ptr<Cas> cas_;
  std::unique_ptr<Artifacts> artifacts_;
  std::unique_ptr<Soundfonts> soundfonts_;
  std::unique_ptr<Studio> studio_;
  Registry registry_;
  testing::FakeJobContext job_;
};

std::uint32_t little(BytesView bytes, std::size_t at, int size) {
  std::uint32_t value = 0;
  for (int i = size - 1; i >= 0; --i)
    value = (value << 8) | static_cast<unsigned char>(bytes[at + static_cast<std::size_t>(i)]);
  return value;
}

TEST_F(AudioTools, ConvertMakesAWavFileAndItsArtifact) {
  const auto made =
      call(registry_, "convert_midi_to_wav", {{"input_hash", store(midi_note(4))}, {"sample_rate", 22'050}}, job_);
  ASSERT_TRUE(made) << to_string(made.error());
  EXPECT_EQ((*made)["sample_rate"], 22'050);
  const double duration = (*made)["duration_secs"];
  EXPECT_GE(duration, 2.0);
  EXPECT_LE(duration, 5.5);

  const Bytes wav = content((*made)["content_hash"]);
  EXPECT_EQ(wav.substr(0, 4), "RIFF");
  EXPECT_EQ(wav.substr(8, 8), "WAVEfmt ");
  EXPECT_EQ(little(wav, 4, 4), wav.size() - 8);
  EXPECT_EQ(little(wav, 22, 2), 2u);
  EXPECT_EQ(little(wav, 24, 4), 22'050u);
  EXPECT_EQ(little(wav, 34, 2), 16u);
  EXPECT_NEAR(static_cast<double>(wav.size() - 44) / 4 / 22'050, duration, 0.001);
  EXPECT_TRUE(std::ranges::any_of(wav.substr(44), [](char c) { return c != 0; })) << "silence";

  const auto artifact = artifacts_->find((*made)["artifact_id"].get<std::string>());
  ASSERT_NE(artifact, nullptr);
  EXPECT_EQ(artifact->mime_type, "audio/wav");
  EXPECT_EQ(job_.artifacts().size(), 1u);
  EXPECT_GT(job_.progress_seen().size(), 3u);
  EXPECT_EQ(in_the_making(), 0u);
}

TEST_F(AudioTools, ConvertGivesTheSameBytesAgain) {
  const json arguments = {{"input_hash", store(midi_note(2))}};
  const auto first = call(registry_, "convert_midi_to_wav", arguments);
  const auto second = call(registry_, "convert_midi_to_wav", arguments);
  ASSERT_TRUE(first) << to_string(first.error());
  EXPECT_EQ((*first)["content_hash"], (*second)["content_hash"]);
  EXPECT_NE((*first)["artifact_id"], (*second)["artifact_id"]);
}

TEST_F(AudioTools, ConvertOfAnArtifactIsItsChild) {
  const auto parent = artifacts_->create({.content_hash = store(midi_note(1)), .mime_type = "audio/midi"});
  const auto made =
      call(registry_, "convert_midi_to_wav", {{"input_hash", (*parent)->id}, {"tags", {"mine"}}, {"creator", "ada"}});
  ASSERT_TRUE(made) << to_string(made.error());
  const auto child = artifacts_->find((*made)["artifact_id"].get<std::string>());
  EXPECT_EQ(child->parent_id, (*parent)->id);
  EXPECT_EQ(child->tags, (std::vector<std::string>{"type:audio", "source:midi", "mine"}));
  EXPECT_EQ(child->creator, "ada");
}

TEST_F(AudioTools, ConvertUsesAStoredSoundfont) {
  const json arguments = {{"input_hash", store(midi_note(1))}, {"soundfont_hash", store(tiny_soundfont())}};
  EXPECT_TRUE(call(registry_, "convert_midi_to_wav", arguments));
}

TEST_F(AudioTools, ConvertStopsWithinABlock) {
  job_.on_progress = [this](double) { job_.request_stop(); };
  const auto stopped = call(registry_, "convert_midi_to_wav", {{"input_hash", store(midi_note(31))}}, job_);
  EXPECT_EQ(stopped.error().code, ErrorCode::kCancelled);
  EXPECT_EQ(job_.progress_seen().size(), 1u);
  EXPECT_TRUE(job_.artifacts().empty());
  EXPECT_EQ(in_the_making(), 0u);
}

TEST_F(AudioTools, ConvertRefusesWhatItCannotPlay) {
  const auto code = [&](const json& arguments) {
    return call(registry_, "convert_midi_to_wav", arguments).error().code;
  };
  EXPECT_EQ(code({{"input_hash", store("not MIDI")}}), ErrorCode::kInvalidArguments);
  EXPECT_EQ(code({{"input_hash", store("MThd")}}), ErrorCode::kInvalidArguments);
  EXPECT_EQ(code({{"input_hash", store(midi_note(1).substr(0, 20))}}), ErrorCode::kInvalidArguments);
  EXPECT_EQ(code({{"input_hash", "tune"}}), ErrorCode::kInvalidArguments);
  EXPECT_EQ(code({{"input_hash", "artifact_0"}}), ErrorCode::kNotFound);
  EXPECT_EQ(code({{"input_hash", ContentHash::of("?").text()}}), ErrorCode::kNotFound);
  const std::string midi = store(midi_note(1));
  EXPECT_EQ(code({{"input_hash", midi}, {"soundfont_hash", midi}}), ErrorCode::kInvalidArguments);
  EXPECT_EQ(code({{"input_hash", midi}, {"soundfont_hash", ContentHash::of("?").text()}}), ErrorCode::kNotFound);
  EXPECT_EQ(code({{"input_hash", midi}, {"sample_rate", 7'999}}), ErrorCode::kInvalidArguments);
  EXPECT_EQ(code({{"input_hash", midi}, {"sample_rate", 96'001}}), ErrorCode::kInvalidArguments);
  EXPECT_EQ(in_the_making(), 0u);
}

TEST_F(AudioTools, ConvertNeverHangsOnTornMidi) {
  const Bytes whole = midi_note(1);
  for (std::size_t size = 0; size < whole.size(); ++size) {
    const auto made =
        call(registry_, "convert_midi_to_wav", {{"input_hash", store(whole.substr(0, size))}, {"sample_rate", 8'000}});
    if (!made) EXPECT_EQ(made.error().code, ErrorCode::kInvalidArguments) << size;
  }
}

TEST_F(AudioTools, ConvertRefusesEndlessMusic) {
  // A few bytes that ask for hours: 2^28 ticks, the most one delta time can say.
  const Bytes endless = midi_file(Bytes("\x00\x90\x3c\x50\xff\xff\xff\x7f\x80\x3c\x00", 11));
  const auto made = call(registry_, "convert_midi_to_wav", {{"input_hash", store(endless)}, {"sample_rate", 8'000}});
  EXPECT_EQ(made.error().code, ErrorCode::kTooLarge);
  EXPECT_EQ(in_the_making(), 0u);
}

TEST_F(AudioTools, AbcToMidiKeepsLineageAndOptions) {
  const auto parent = artifacts_->create({.content_hash = store("X:1"), .mime_type = "text/vnd.abc"});
  const auto made =
      call(registry_, "abc_to_midi",
           {{"abc", kBook}, {"tempo_override", 60}, {"transpose", 2}, {"parent_id", (*parent)->id}}, job_);
  ASSERT_TRUE(made) << to_string(made.error());
  EXPECT_EQ((*made)["notes"], 4);
  EXPECT_NEAR((*made)["duration_secs"].get<double>(), 4.0, 0.1);
  EXPECT_EQ(content((*made)["content_hash"]).substr(0, 4), "MThd");
  const auto artifact = artifacts_->find((*made)["artifact_id"].get<std::string>());
  EXPECT_EQ(artifact->parent_id, (*parent)->id);
  EXPECT_EQ(artifact->mime_type, "audio/midi");
  EXPECT_EQ(job_.artifacts().size(), 1u);
}

TEST_F(AudioTools, AbcToMidiTransposes) {
  const auto plain = call(registry_, "abc_to_midi", {{"abc", kBook}});
  const auto higher = call(registry_, "abc_to_midi", {{"abc", kBook}, {"transpose", 1}});
  ASSERT_TRUE(plain && higher);
  EXPECT_NE((*plain)["content_hash"], (*higher)["content_hash"]);
}

TEST_F(AudioTools, AbcToMidiRefusesWhatIsNoTune) {
  EXPECT_EQ(call(registry_, "abc_to_midi", {{"abc", "hello"}}).error().code, ErrorCode::kInvalidArguments);
}

TEST_F(AudioTools, BookMakesEveryTuneInEveryKey) {
  const auto made =
      call(registry_, "abc_render_book", {{"abc", kBook}, {"semitones", {0, 2, -3}}, {"sample_rate", 8'000}}, job_);
  ASSERT_TRUE(made) << to_string(made.error());
  ASSERT_EQ((*made)["count"], 6);
  EXPECT_EQ((*made)["failed"], 0);
  EXPECT_EQ(job_.chunks().size(), 6u);
  EXPECT_EQ(job_.artifacts().size(), 12u);
  EXPECT_EQ(job_.progress_seen().back().percent, 100.0);
  const json line = json::parse(job_.chunks()[3]);
  EXPECT_EQ(line["tune"], 2);
  EXPECT_EQ(line["title"], "Two");
  EXPECT_EQ(line["semitones"], 0);
  EXPECT_EQ(line["done"], 4);
  EXPECT_EQ(line["total"], 6);
  const auto wav = artifacts_->find(line["wav_artifact_id"].get<std::string>());
  EXPECT_EQ(json(wav->parent_id), line["midi_artifact_id"]);
  EXPECT_EQ(json(wav->variation_set_id), (*made)["variation_set_id"]);
  EXPECT_EQ((*made)["items"][3]["wav_hash"], json(wav->content_hash));
}

TEST_F(AudioTools, BookProgressNeverGoesBack) {
  ASSERT_TRUE(
      call(registry_, "abc_render_book", {{"abc", kBook}, {"semitones", {0, 1}}, {"sample_rate", 8'000}}, job_));
  double last = 0;
  for (const auto& progress : job_.progress_seen()) {
    EXPECT_GE(progress.percent, last);
    last = progress.percent;
  }
}

TEST_F(AudioTools, BookWithoutRenderMakesTwelveKeysOfMidi) {
  const auto made = call(registry_, "abc_render_book", {{"abc", kBook}, {"render", false}}, job_);
  ASSERT_TRUE(made) << to_string(made.error());
  EXPECT_EQ((*made)["count"], 24);
  EXPECT_FALSE((*made)["items"][0].contains("wav_hash"));
}

TEST_F(AudioTools, BookStopsBetweenItems) {
  job_.on_chunk = [this](BytesView) { job_.request_stop(); };
  const auto stopped = call(registry_, "abc_render_book", {{"abc", kBook}, {"render", false}}, job_);
  EXPECT_EQ(stopped.error().code, ErrorCode::kCancelled);
  EXPECT_EQ(job_.chunks().size(), 1u);
}

TEST_F(AudioTools, BookStopsWithinARender) {
  job_.on_progress = [this](double) { job_.request_stop(); };
  const auto stopped = call(registry_, "abc_render_book", {{"abc", kBook}}, job_);
  EXPECT_EQ(stopped.error().code, ErrorCode::kCancelled);
  EXPECT_TRUE(job_.chunks().empty());
  EXPECT_EQ(in_the_making(), 0u);
}

TEST_F(AudioTools, BookRefusesWhatIsTooMuchOrNothing) {
  EXPECT_EQ(call(registry_, "abc_render_book", {{"abc", "hello"}}).error().code, ErrorCode::kInvalidArguments);
  std::string large;
  for (int i = 1; i <= 100; ++i) large += "X:" + std::to_string(i) + "\nK:C\nC\n\n";
  EXPECT_EQ(call(registry_, "abc_render_book", {{"abc", large}}).error().code, ErrorCode::kTooLarge);
}

TEST_F(AudioTools, InspectKnowsTheDefault) {
  const auto font = call(registry_, "soundfont_inspect", {{"soundfont_hash", "default"}});
  ASSERT_TRUE(font) << to_string(font.error());
  EXPECT_EQ((*font)["name"], "Tiny");
  EXPECT_EQ((*font)["preset_count"], 2);
  EXPECT_EQ((*font)["presets"][1], (json{{"bank", 128}, {"program", 0}, {"name", "Kit"}}));
  EXPECT_FALSE(font->contains("drum_map"));
}

TEST_F(AudioTools, InspectReturnsTheDrumMap) {
  const auto font = call(registry_, "soundfont_inspect", {{"soundfont_hash", "default"}, {"include_drum_map", true}});
  ASSERT_TRUE(font) << to_string(font.error());
  ASSERT_EQ((*font)["drum_map"].size(), 1u);
  EXPECT_EQ((*font)["drum_map"][0]["name"], "Kit");
  EXPECT_EQ((*font)["drum_map"][0]["zones"][0], (json{{"key_low", 35}, {"key_high", 36}, {"sample", "Kick"}}));
}

TEST_F(AudioTools, InspectKnowsWhatWasUploadedAndFindsItAgain) {
  Bytes other = tiny_soundfont();
  other.replace(other.find("Tiny"), 4, "Mini");
  const auto stored = call(registry_, "cas_store", {{"data", to_base64(other)}});
  ASSERT_TRUE(stored) << to_string(stored.error());
  const std::string hash = (*stored)["hash"];
  EXPECT_EQ((*call(registry_, "soundfont_inspect", {{"soundfont_hash", hash}}))["name"], "Mini");

  Soundfonts restarted(*cas_);
  EXPECT_EQ(restarted.find(hash), nullptr);
  ASSERT_TRUE(restarted.learn_stored());
  ASSERT_NE(restarted.find(hash), nullptr);
  EXPECT_EQ(restarted.find(hash)->name, "Mini");
}

TEST_F(AudioTools, InspectOfAnUnknownOneSaysToUploadIt) {
  const auto unknown = call(registry_, "soundfont_inspect", {{"soundfont_hash", store("no soundfont")}});
  EXPECT_EQ(unknown.error().code, ErrorCode::kNotFound);
  EXPECT_NE(unknown.error().message.find("upload"), std::string::npos);
}

TEST_F(AudioTools, ATornSoundfontIsStoredButNotLearnt) {
  const auto object = cas_->store(BytesView(tiny_soundfont()).substr(0, 300), kOctetStream);
  EXPECT_EQ(soundfonts_->learn(*object).error().code, ErrorCode::kInvalidArguments);
  EXPECT_EQ(soundfonts_->find(object->hash.text()), nullptr);
}

}  // namespace
}  // namespace yard::tools
