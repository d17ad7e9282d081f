#include <gtest/gtest.h>

#include "engine/base/base64.h"
#include "tests/support/call_tool.h"
#include "tests/support/temp_dir.h"
#include "tools/cas/tools.h"

namespace yard::tools {
namespace {

using nlohmann::json;
using testing::call;

class CasTools : public ::testing::Test {
 protected:
  void SetUp() override {
    cas_ = *Cas::open(dir_.path() / "cas");
    const Environment environment{.state = dir_.path(), .read_roots = {dir_.path() / "files"}};
    const StoredHook hook = [this](const CasObject& object, jobs::JobContext&) { stored_.push_back(object); };
    const Status added = add_cas_tools(registry_, *cas_, environment, hook);
    ASSERT_TRUE(added) << to_string(added.error());
  }

  std::string store(std::string_view bytes, std::string_view mime_type = "text/plain") {
    return (*call(registry_, "cas_store", {{"data", to_base64(bytes)}, {"mime_type", mime_type}}))["hash"];
  }

  testing::TempDir dir_;
  std::unique_ptr<Cas> cas_;
  Registry registry_;
  std::vector<CasObject> stored_;
};

TEST_F(CasTools, StoreAnswersWithTheHash) {
  const auto stored = call(registry_, "cas_store", {{"data", to_base64("abc")}, {"mime_type", "text/plain"}});
  ASSERT_TRUE(stored) << to_string(stored.error());
  EXPECT_EQ((*stored)["hash"], ContentHash::of("abc").text());
  EXPECT_EQ((*stored)["size"], 3);
  EXPECT_EQ((*stored)["mime_type"], "text/plain");
  ASSERT_EQ(stored_.size(), 1u);
  EXPECT_EQ(stored_[0].size, 3u);
}

TEST_F(CasTools, StoreTakesBinaries) {
  Bytes arguments;
  PackWriter writer(arguments);
  PackMap(writer).binary("data", "abc");
  testing::FakeJobContext job;
  testing::FakeInlineContext context;
  const auto stored = testing::call_packed(registry_, "cas_store", arguments, job, context);
  ASSERT_TRUE(stored);
  EXPECT_EQ((*stored)["hash"], ContentHash::of("abc").text());
  EXPECT_EQ((*stored)["mime_type"], "application/octet-stream");
}

TEST_F(CasTools, StoreRefusesWhatIsNoBase64AndNoMimeType) {
  EXPECT_EQ(call(registry_, "cas_store", {{"data", "!!!"}}).error().pointer, "/data");
  EXPECT_EQ(call(registry_, "cas_store", {{"data", ""}, {"mime_type", "text"}}).error().pointer, "/mime_type");
  EXPECT_EQ(call(registry_, "cas_store", {{"data", ""}, {"mime_type", "text/a\nb"}}).error().pointer, "/mime_type");
  EXPECT_EQ(call(registry_, "cas_store", {{"data", ""}, {"mine_type", "text/a"}}).error().pointer, "/mine_type");
}

TEST_F(CasTools, UploadReadsBelowTheRoots) {
  dir_.write("files/tune.abc", "X:1");
  testing::FakeJobContext job;
  const auto stored =
      call(registry_, "cas_upload_file", {{"file_path", "tune.abc"}, {"mime_type", "text/vnd.abc"}}, job);
  ASSERT_TRUE(stored) << to_string(stored.error());
  EXPECT_EQ((*stored)["hash"], ContentHash::of("X:1").text());
  EXPECT_EQ(job.progress_seen().back().percent, 100.0);
}

TEST_F(CasTools, UploadIsDeniedOutside) {
  dir_.write("files/tune.abc", "X:1");
  const auto denied = call(registry_, "cas_upload_file", {{"file_path", "/etc/passwd"}});
  EXPECT_EQ(denied.error().code, ErrorCode::kDenied);
  EXPECT_EQ(denied.error().pointer, "/file_path");
  EXPECT_EQ(call(registry_, "cas_upload_file", {{"file_path", "none"}}).error().code, ErrorCode::kNotFound);
}

TEST_F(CasTools, GetReturnsTheBytes) {
  const auto got = call(registry_, "cas_get", {{"hash", store("abc")}});
  ASSERT_TRUE(got) << to_string(got.error());
  EXPECT_EQ((*got)["data"], to_base64("abc"));
  EXPECT_EQ((*got)["size"], 3);
  EXPECT_EQ((*got)["mime_type"], "text/plain");
}

TEST_F(CasTools, GetReadsLargeContentInParts) {
  const auto hash = cas_->store(Bytes((1 << 20) + 5, 'x'), kOctetStream)->hash.text();
  const auto whole = call(registry_, "cas_get", {{"hash", hash}});
  EXPECT_EQ(whole.error().code, ErrorCode::kTooLarge);
  EXPECT_NE(whole.error().message.find("offset"), std::string::npos);
  EXPECT_TRUE(call(registry_, "cas_get", {{"hash", hash}, {"length", 1 << 20}}));
  const auto rest = call(registry_, "cas_get", {{"hash", hash}, {"offset", 1 << 20}});
  ASSERT_TRUE(rest) << to_string(rest.error());
  EXPECT_EQ((*rest)["data"], to_base64("xxxxx"));
}

TEST_F(CasTools, GetTakesWholeNumbersThatAreWrittenAsReals) {
  const auto got = call(registry_, "cas_get", {{"hash", store("abc")}, {"offset", 1.0}, {"length", 1.0}});
  ASSERT_TRUE(got);
  EXPECT_EQ((*got)["data"], to_base64("b"));
}

TEST_F(CasTools, GetRefusesAnOffsetBehindTheEnd) {
  const auto hash = store("abc");
  EXPECT_EQ((*call(registry_, "cas_get", {{"hash", hash}, {"offset", 3}}))["data"], "");
  EXPECT_EQ(call(registry_, "cas_get", {{"hash", hash}, {"offset", 4}}).error().code, ErrorCode::kInvalidArguments);
}

TEST_F(CasTools, GetRefusesEveryOtherFormOfName) {
  std::string upper = store("abc");
  upper[12] = 'B';
  for (const std::string& bad : {upper, std::string("../../etc/passwd"), std::string("/etc/passwd"), std::string()}) {
    const auto got = call(registry_, "cas_get", {{"hash", bad}});
    EXPECT_EQ(got.error().code, ErrorCode::kInvalidArguments) << bad;
    EXPECT_EQ(got.error().pointer, "/hash");
  }
  EXPECT_EQ(call(registry_, "cas_get", {{"hash", ContentHash::of("?").text()}}).error().code, ErrorCode::kNotFound);
}

TEST_F(CasTools, InspectAnswersForWhatIsNotThere) {
  const auto inspected = call(registry_, "cas_inspect", {{"hash", ContentHash::of("?").text()}});
  ASSERT_TRUE(inspected);
  EXPECT_EQ((*inspected)["exists"], false);
  EXPECT_FALSE(inspected->contains("size"));
}

TEST_F(CasTools, InspectPreviewsTextAndBytes) {
  const auto preview = [&](std::string_view bytes) {
    return (*call(registry_, "cas_inspect", {{"hash", store(bytes)}}))["preview"];
  };
  EXPECT_EQ(preview("X:1\nT:Réel\n"), "X:1\nT:Réel\n");
  EXPECT_EQ(preview(""), "");
  EXPECT_EQ(preview("MThd\x01\xff"), "hex:4d54686401ff");
  std::string torn(255, 'a');
  EXPECT_EQ(preview(torn + "é"), torn);  // the 256th byte is half a character
}

TEST_F(CasTools, StatsCount) {
  store("abc");
  store("abc");
  store("de");
  const auto stats = call(registry_, "cas_stats", json::object());
  EXPECT_EQ((*stats)["total_items"], 2);
  EXPECT_EQ((*stats)["total_bytes"], 5);
  EXPECT_EQ((*stats)["cas_dir"], (dir_.path() / "cas").string());
}

TEST_F(CasTools, OnlyStatsIsImmediate) {
  for (const Tool* tool : registry_.list()) {
    EXPECT_EQ(tool->spec.kind, tool->spec.name == "cas_stats" ? ToolKind::kImmediate : ToolKind::kJob);
  }
}

}  // namespace
}  // namespace yard::tools
