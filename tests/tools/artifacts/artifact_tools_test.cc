#include <gtest/gtest.h>

#include "engine/base/base64.h"
#include "tests/support/call_tool.h"
#include "tests/support/temp_dir.h"
#include "tools/artifacts/tools.h"

namespace yard::tools {
namespace {

using nlohmann::json;
using testing::call;

class ArtifactTools : public ::testing::Test {
 protected:
  void SetUp() override {
    cas_ = *Cas::open(dir_.path() / "cas");
    artifacts_ = *Artifacts::open(dir_.path() / "artifacts.sqlite", clock_, random_);
    const Environment environment{.state = dir_.path(), .read_roots = {dir_.path() / "files"}};
    const Status added = add_artifact_tools(registry_, *cas_, *artifacts_, environment, {});
    ASSERT_TRUE(added) << to_string(added.error());
  }

  json upload(json arguments) {
    arguments["mime_type"] = "text/plain";
    auto answered = call(registry_, "artifact_upload", arguments, job_);
    EXPECT_TRUE(answered) << to_string(answered.error());
    return answered ? *answered : json();
  }

  testing::TempDir dir_;
  SystemClock clock_;
  SeededRandom random_{7};
  std::unique_ptr<Cas> cas_;
  std::unique_ptr<Artifacts> artifacts_;
  Registry registry_;
  testing::FakeJobContext job_;
};

TEST_F(ArtifactTools, UploadTakesAFileDataOrStoredContent) {
  dir_.write("files/a.txt", "abc");
  const std::string hash = ContentHash::of("abc").text();
  EXPECT_EQ(upload({{"file_path", "a.txt"}})["content_hash"], hash);
  EXPECT_EQ(upload({{"data", to_base64("abc")}})["content_hash"], hash);
  EXPECT_EQ(upload({{"content_hash", hash}})["content_hash"], hash);
  EXPECT_EQ(cas_->stats().items, 1u);
}

TEST_F(ArtifactTools, UploadTakesExactlyOneOfThem) {
  for (const json& arguments :
       {json{{"mime_type", "a/b"}}, json{{"mime_type", "a/b"}, {"data", ""}, {"file_path", "x"}}}) {
    EXPECT_EQ(call(registry_, "artifact_upload", arguments).error().code, ErrorCode::kInvalidArguments);
  }
}

TEST_F(ArtifactTools, UploadedAgainKeepsTheFirstLineage) {
  const json first = upload({{"data", "YWJj"}, {"creator", "ada"}, {"tags", {"one"}}});
  const json second =
      upload({{"data", "YWJj"}, {"creator", "bob"}, {"tags", {"two"}}, {"parent_id", first["artifact_id"]}});
  EXPECT_NE(first["artifact_id"], second["artifact_id"]);
  const auto got = call(registry_, "artifact_get", {{"id", first["artifact_id"]}});
  ASSERT_TRUE(got) << to_string(got.error());
  EXPECT_EQ(*got, first);
  EXPECT_EQ((*got)["creator"], "ada");
  EXPECT_EQ((*got)["mime_type"], "text/plain");
  EXPECT_FALSE(got->contains("parent_id"));
  EXPECT_EQ(second["parent_id"], first["artifact_id"]);
}

TEST_F(ArtifactTools, UploadAnnouncesTheArtifactAsGetAnswersIt) {
  const json uploaded = upload({{"data", "YWJj"}, {"metadata", {{"bpm", 120}}}});
  ASSERT_EQ(job_.artifacts().size(), 1u);
  EXPECT_EQ(to_json(PackView(job_.artifacts()[0])), uploaded);
  EXPECT_EQ(uploaded["metadata"]["bpm"], 120);
}

TEST_F(ArtifactTools, UploadWithAnUnknownParentStoresNothing) {
  const auto refused =
      call(registry_, "artifact_upload", {{"data", "YWJj"}, {"mime_type", "a/b"}, {"parent_id", "artifact_none"}});
  EXPECT_EQ(refused.error().code, ErrorCode::kNotFound);
  EXPECT_EQ(cas_->stats().items, 0u);
}

TEST_F(ArtifactTools, UploadOfUnknownContentIsNotFound) {
  const json arguments = {{"content_hash", ContentHash::of("?").text()}, {"mime_type", "a/b"}};
  EXPECT_EQ(call(registry_, "artifact_upload", arguments).error().code, ErrorCode::kNotFound);
}

TEST_F(ArtifactTools, GetOfAnUnknownIdIsNotFound) {
  EXPECT_EQ(call(registry_, "artifact_get", {{"id", "artifact_0"}}).error().code, ErrorCode::kNotFound);
}

TEST_F(ArtifactTools, ListPages) {
  for (int i = 0; i < 5; ++i) upload({{"data", to_base64(std::to_string(i))}, {"tags", {"t"}}, {"creator", "ada"}});
  auto page = call(registry_, "artifact_list", {{"tag", "t"}, {"creator", "ada"}, {"limit", 3}});
  ASSERT_TRUE(page) << to_string(page.error());
  EXPECT_EQ((*page)["count"], 3);
  page = call(registry_, "artifact_list", {{"limit", 3}, {"cursor", (*page)["next_cursor"]}});
  EXPECT_EQ((*page)["count"], 2);
  EXPECT_FALSE(page->contains("next_cursor"));
  EXPECT_EQ((*page)["artifacts"][1]["content_hash"], ContentHash::of("0").text());
}

TEST_F(ArtifactTools, ListBoundsItsLimit) {
  EXPECT_EQ(call(registry_, "artifact_list", {{"limit", 0}}).error().pointer, "/limit");
  EXPECT_EQ(call(registry_, "artifact_list", {{"limit", 1'001}}).error().pointer, "/limit");
}

}  // namespace
}  // namespace yard::tools
