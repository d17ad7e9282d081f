#include "tools/artifacts/artifacts.h"

#include <gtest/gtest.h>
#include <sys/mount.h>
#include <unistd.h>

#include <nlohmann/json.hpp>
#include <set>
#include <thread>

#include "engine/base/pack_json.h"
#include "tests/support/temp_dir.h"

namespace yard::tools {
namespace {

using testing::TempDir;

// A clock that stands still.
class StillClock final : public Clock {
 public:
  [[nodiscard]] Now now() const override {
    return {.steady = {}, .wall = WallTime{std::chrono::milliseconds(1'772'366'400'250)}};
  }
};

class ArtifactStore : public ::testing::Test {
 protected:
  void SetUp() override { reopen(); }

  void reopen() {
    store_.reset();
    auto opened = Artifacts::open(dir_.path() / "artifacts.sqlite", clock_, random_);
    ASSERT_TRUE(opened) << to_string(opened.error());
    store_ = *std::move(opened);
  }

  std::string create(ArtifactDraft draft) {
    auto artifact = store_->create(std::move(draft));
    EXPECT_TRUE(artifact) << to_string(artifact.error());
    return artifact ? (*artifact)->id : "";
  }

  std::vector<std::string> list(const Artifacts::Filter& filter = {}, std::size_t limit = 100) {
    std::vector<std::string> ids;
    const auto page = store_->list(filter, limit, "");
    for (const auto& artifact : page->artifacts) ids.push_back(artifact->id);
    return ids;
  }

  TempDir dir_;
  StillClock clock_;
  SeededRandom random_{7};
  std::unique_ptr<Artifacts> store_;
};

ArtifactDraft draft(std::string hash, std::vector<std::string> tags = {}, std::string creator = "") {
  return {.content_hash = std::move(hash),
          .mime_type = "audio/midi",
          .tags = std::move(tags),
          .creator = std::move(creator)};
}

TEST_F(ArtifactStore, KeepsEverythingThatIsStated) {
  const std::string parent = create(draft("hash 1"));
  ArtifactDraft child = draft("hash 2", {"type:midi", "type:midi", "genre:reel"}, "ada");
  child.parent_id = parent;
  child.variation_set_id = "set";
  child.metadata = pack({{"tempo", 120}});
  const auto found = store_->find(create(child));
  ASSERT_NE(found, nullptr);
  EXPECT_TRUE(found->id.starts_with("artifact_"));
  EXPECT_EQ(found->id.size(), 41u);
  EXPECT_EQ(found->content_hash, "hash 2");
  EXPECT_EQ(found->mime_type, "audio/midi");
  EXPECT_EQ(found->tags, (std::vector<std::string>{"type:midi", "genre:reel"}));
  EXPECT_EQ(found->creator, "ada");
  EXPECT_EQ(found->created_at, "2026-03-01T12:00:00.250Z");
  EXPECT_EQ(found->parent_id, parent);
  EXPECT_EQ(found->variation_set_id, "set");
  EXPECT_EQ(to_json(PackView(found->metadata))["tempo"], 120);
}

TEST_F(ArtifactStore, TheSameContentTwiceIsTwoLineages) {
  const std::string first = create(draft("hash", {"take:1"}, "ada"));
  const std::string second = create(draft("hash", {"take:2"}, "bob"));
  EXPECT_NE(first, second);
  EXPECT_EQ(store_->find(first)->creator, "ada");
  EXPECT_EQ(store_->find(first)->tags, std::vector<std::string>{"take:1"});
  EXPECT_EQ(store_->find(second)->creator, "bob");
}

TEST_F(ArtifactStore, ShowsTheSameAfterReopening) {
  const std::string parent = create(draft("hash 1", {"a", "é\"'"}, "ada"));
  ArtifactDraft child = draft("hash 2");
  child.parent_id = parent;
  child.metadata = pack({{"nested", {{"list", {1, 2.5, "x"}}}}});
  create(child);
  const auto packed = [&] {
    Bytes bytes;
    PackWriter writer(bytes);
    const auto page = store_->list({}, 100, "");
    for (const auto& artifact : page->artifacts) write_artifact(writer, *artifact);
    return bytes;
  };
  const Bytes before = packed();
  reopen();
  EXPECT_EQ(packed(), before);
  EXPECT_EQ(list({.tag = "a"}), std::vector<std::string>{parent});
}

TEST_F(ArtifactStore, RefusesAnUnknownParent) {
  ArtifactDraft orphan = draft("hash");
  orphan.parent_id = "artifact_none";
  const auto created = store_->create(orphan);
  EXPECT_EQ(created.error().code, ErrorCode::kNotFound);
  EXPECT_EQ(created.error().pointer, "/parent_id");
  EXPECT_TRUE(list().empty());
}

TEST_F(ArtifactStore, ListsNewestFirst) {
  const std::string first = create(draft("1"));
  const std::string second = create(draft("2"));
  EXPECT_EQ(list(), (std::vector<std::string>{second, first}));
}

TEST_F(ArtifactStore, FiltersExactly) {
  const std::string reel = create(draft("1", {"genre:reel"}, "ada"));
  const std::string jig = create(draft("2", {"genre:jig"}, "ada"));
  const std::string other = create(draft("3", {"genre:reel"}, "bob"));
  EXPECT_EQ(list({.tag = "genre:reel"}), (std::vector<std::string>{other, reel}));
  EXPECT_EQ(list({.creator = "ada"}), (std::vector<std::string>{jig, reel}));
  EXPECT_EQ(list({.tag = "genre:reel", .creator = "ada"}), std::vector<std::string>{reel});
  EXPECT_TRUE(list({.tag = "genre"}).empty());
  EXPECT_TRUE(list({.creator = "Ada"}).empty());
}

TEST_F(ArtifactStore, PagesMeetWithoutGapOrRepeatWhileOthersAreCreated) {
  for (int i = 0; i < 25; ++i) create(draft(std::to_string(i), {i % 2 == 0 ? "even" : "odd"}));
  for (const std::string_view tag : {"", "even"}) {
    std::vector<std::string> seen;
    std::string cursor;
    do {
      const auto page = store_->list({.tag = tag}, 4, cursor);
      ASSERT_TRUE(page);
      EXPECT_LE(page->artifacts.size(), 4u);
      for (const auto& artifact : page->artifacts) seen.push_back(artifact->content_hash);
      cursor = page->next_cursor;
      create(draft("new", {"even"}));
    } while (!cursor.empty());
    ASSERT_GE(seen.size(), tag.empty() ? 25u : 13u);
    EXPECT_EQ(seen.back(), "0");
    std::erase(seen, "new");
    EXPECT_EQ(std::set<std::string>(seen.begin(), seen.end()).size(), seen.size());
    EXPECT_EQ(seen.size(), tag.empty() ? 25u : 13u);
  }
}

TEST_F(ArtifactStore, APageEndsBeforeItExceedsAFrame) {
  ArtifactDraft large = draft("hash");
  large.metadata = pack({{"text", std::string(16'000, 'x')}});
  for (int i = 0; i < 80; ++i) create(large);
  const auto page = store_->list({}, 1'000, "");
  EXPECT_LT(page->artifacts.size(), 80u);
  EXPECT_FALSE(page->next_cursor.empty());
}

TEST_F(ArtifactStore, RefusesCursorsItNeverGave) {
  create(draft("1"));
  for (const std::string_view bad : {"x", "-1", "1x", "99999999999999999999"}) {
    EXPECT_EQ(store_->list({}, 1, bad).error().code, ErrorCode::kInvalidArguments) << bad;
  }
  EXPECT_TRUE(store_->list({}, 1, "4000000000"));
}

TEST_F(ArtifactStore, RefusesBrokenBounds) {
  EXPECT_EQ(store_->create(draft("h", std::vector<std::string>(65, "tag"))).error().code, ErrorCode::kTooLarge);
  EXPECT_EQ(store_->create(draft("h", {std::string(1'025, 'x')})).error().code, ErrorCode::kTooLarge);
  EXPECT_EQ(store_->create(draft("h", {"\xff"})).error().code, ErrorCode::kInvalidArguments);
  ArtifactDraft no_map = draft("h");
  no_map.metadata = pack(7);
  EXPECT_EQ(store_->create(no_map).error().code, ErrorCode::kInvalidArguments);
  no_map.metadata = pack({{"text", std::string(17'000, 'x')}});
  EXPECT_EQ(store_->create(no_map).error().code, ErrorCode::kTooLarge);
}

TEST_F(ArtifactStore, SqlInValuesIsText) {
  const std::string text = "'); DROP TABLE artifacts; --";
  const std::string id = create(draft(text, {text}, text));
  reopen();
  EXPECT_EQ(store_->find(id)->creator, text);
}

TEST_F(ArtifactStore, RefusesAFileThatIsNoStore) {
  const auto opened = Artifacts::open(dir_.write("broken.sqlite", std::string(8'192, 'x')), clock_, random_);
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().code, ErrorCode::kIo);
}

TEST_F(ArtifactStore, AFullDiskCreatesNothing) {
  if (::geteuid() != 0 ||
      ::mount("tmpfs", dir_.write("disk/x", "").parent_path().c_str(), "tmpfs", 0, "size=192k") != 0) {
    GTEST_SKIP() << "needs root to mount a small disk";
  }
  {
    auto store = *Artifacts::open(dir_.path() / "disk/artifacts.sqlite", clock_, random_);
    ArtifactDraft large = draft("hash");
    large.metadata = pack({{"text", std::string(10'000, 'x')}});
    std::size_t created = 0;
    Result<std::shared_ptr<const Artifact>> last;
    while ((last = store->create(large)) && created < 100) ++created;
    ASSERT_LT(created, 100u);
    EXPECT_EQ(last.error().code, ErrorCode::kIo);
    EXPECT_NE(last.error().message.find("disk is full"), std::string::npos) << last.error().message;
    EXPECT_EQ(store->list({}, 1'000, "")->artifacts.size(), created);
    store = *Artifacts::open(dir_.path() / "disk/artifacts.sqlite", clock_, random_);
    EXPECT_EQ(store->list({}, 1'000, "")->artifacts.size(), created);
  }
  ::umount((dir_.path() / "disk").c_str());
}

TEST_F(ArtifactStore, ReadersNeverSeeHalfOfItConcurrent) {
  std::jthread reader([this](const std::stop_token& stop) {
    while (!stop.stop_requested()) {
      const auto page = store_->list({.tag = "t"}, 10, "");
      for (const auto& artifact : page->artifacts) {
        EXPECT_EQ(store_->find(artifact->id), artifact);
      }
    }
  });
  std::vector<std::jthread> writers;
  for (int thread = 0; thread < 2; ++thread) {
    writers.emplace_back([this] {
      for (int i = 0; i < 20; ++i) create(draft(std::to_string(i), {"t"}));
    });
  }
  writers.clear();
  EXPECT_EQ(list({}, 1'000).size(), 40u);
}

}  // namespace
}  // namespace yard::tools
