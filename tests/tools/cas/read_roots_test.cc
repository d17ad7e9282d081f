#include "tools/cas/read_roots.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <vector>

#include "tests/support/temp_dir.h"

namespace yard::tools {
namespace {

namespace fs = std::filesystem;
using testing::TempDir;

// outside/secret, and a root with files and traps.
class ReadRoots : public ::testing::Test {
 protected:
  void SetUp() override {
    dir_.write("outside/secret", "secret");
    dir_.write("root/tune.abc", "X:1");
    dir_.write("root/deep/er/tune.abc", "X:2");
    roots_ = {dir_.path() / "root"};
  }

  // The content, or the error's name.
  std::string read(const fs::path& path) const {
    const auto file = open_readable(roots_, path.string());
    if (!file) return std::string(error_name(file.error().code));
    Bytes bytes;
    EXPECT_TRUE(read_at(file->get(), 0, 100, bytes));
    return bytes;
  }

  TempDir dir_;
  std::vector<fs::path> roots_;
};

TEST_F(ReadRoots, OpensWhatIsBelow) {
  EXPECT_EQ(read(dir_.path() / "root/tune.abc"), "X:1");
  EXPECT_EQ(read("tune.abc"), "X:1");
  EXPECT_EQ(read("deep/er/tune.abc"), "X:2");
  EXPECT_EQ(read("deep/../tune.abc"), "X:1");
}

TEST_F(ReadRoots, RefusesWhatIsOutside) {
  EXPECT_EQ(read(dir_.path() / "outside/secret"), "denied");
  EXPECT_EQ(read("/etc/passwd"), "denied");
  EXPECT_EQ(read("../outside/secret"), "denied");
  EXPECT_EQ(read("deep/../../outside/secret"), "denied");
  EXPECT_EQ(read(dir_.path() / "root/../outside/secret"), "denied");
  EXPECT_EQ(read(dir_.path() / "rootlike"), "denied");
}

TEST_F(ReadRoots, TakesEscapesLiterally) {
  EXPECT_EQ(read("%2e%2e/outside/secret"), "not_found");
  EXPECT_EQ(open_readable(roots_, std::string_view("tune.abc\0x", 10)).error().code, ErrorCode::kInvalidArguments);
  EXPECT_EQ(open_readable(roots_, "").error().code, ErrorCode::kInvalidArguments);
}

TEST_F(ReadRoots, LinksMayNotLeave) {
  fs::create_symlink(dir_.path() / "outside/secret", dir_.path() / "root/absolute");
  fs::create_symlink("../outside/secret", dir_.path() / "root/relative");
  fs::create_directory_symlink("../outside", dir_.path() / "root/folder");
  fs::create_symlink("loop", dir_.path() / "root/loop");
  EXPECT_EQ(read("absolute"), "denied");
  EXPECT_EQ(read("relative"), "denied");
  EXPECT_EQ(read("folder/secret"), "denied");
  EXPECT_EQ(read("loop"), "denied");
}

TEST_F(ReadRoots, LinksThatStayAreFollowed) {
  fs::create_symlink("deep/er/tune.abc", dir_.path() / "root/link");
  EXPECT_EQ(read("link"), "X:2");
}

TEST_F(ReadRoots, RefusesWhatIsNoRegularFile) {
  ASSERT_EQ(::mkfifo((dir_.path() / "root/fifo").c_str(), 0600), 0);
  EXPECT_EQ(read("fifo"), "denied");  // and does not wait for a writer
  EXPECT_EQ(read("deep"), "denied");
  EXPECT_EQ(read("."), "denied");
  roots_ = {"/dev"};
  EXPECT_EQ(read("null"), "denied");
  EXPECT_EQ(read("/dev/zero"), "denied");
  roots_ = {"/proc"};
  EXPECT_EQ(read("self/root/etc/passwd"), "denied");
}

TEST_F(ReadRoots, LooksBelowEachRoot) {
  dir_.write("other/song.abc", "X:3");
  roots_.push_back(dir_.path() / "other/");
  EXPECT_EQ(read("song.abc"), "X:3");
  EXPECT_EQ(read(dir_.path() / "other/song.abc"), "X:3");
  EXPECT_EQ(read("nothing"), "not_found");
}

TEST_F(ReadRoots, KnowsARootByEitherName) {
  fs::create_directory_symlink(dir_.path() / "root", dir_.path() / "alias");
  roots_ = {dir_.path() / "alias"};
  EXPECT_EQ(read(dir_.path() / "alias/tune.abc"), "X:1");
  EXPECT_EQ(read(dir_.path() / "root/tune.abc"), "X:1");
}

TEST_F(ReadRoots, NamesTheRootsToConfigure) {
  const auto denied = open_readable(roots_, "/etc/passwd");
  EXPECT_NE(denied.error().message.find((dir_.path() / "root").string()), std::string::npos);
  const auto none = open_readable({}, "/etc/passwd");
  EXPECT_EQ(none.error().code, ErrorCode::kDenied);
  EXPECT_NE(none.error().message.find("read_roots"), std::string::npos);
}

}  // namespace
}  // namespace yard::tools
