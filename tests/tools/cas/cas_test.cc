#include "tools/cas/cas.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include <thread>

#include "tests/support/temp_dir.h"

namespace yard::tools {
namespace {

namespace fs = std::filesystem;
using testing::read_file;
using testing::TempDir;

// BLAKE2b-256 of "abc": `printf abc | b2sum -l 256`.
constexpr std::string_view kAbcHash = "blake2b-256:bddd813c634239723171ef3fee98579b94964e3bb1cb3e427262c8c068d52319";

std::unique_ptr<Cas> open_cas(const fs::path& folder) {
  auto cas = Cas::open(folder);
  EXPECT_TRUE(cas) << (cas ? "" : to_string(cas.error()));
  return cas ? *std::move(cas) : nullptr;
}

std::size_t files_in(const fs::path& folder) {
  return static_cast<std::size_t>(std::distance(fs::directory_iterator(folder), fs::directory_iterator()));
}

TEST(ContentHash, IsBlake2bWithItsNameInFront) { EXPECT_EQ(ContentHash::of("abc").text(), kAbcHash); }

TEST(ContentHash, DoesNotDependOnHowTheBytesCome) {
  ContentHasher hasher;
  hasher.add("a");
  hasher.add("");
  hasher.add("bc");
  EXPECT_EQ(hasher.finish().text(), kAbcHash);
}

TEST(ContentHash, ParsesOnlyItsOneForm) {
  EXPECT_TRUE(ContentHash::parse(kAbcHash));
  std::string upper(kAbcHash);
  upper[12] = 'B';
  const std::string digits(kAbcHash.substr(12));
  for (const std::string& bad : {std::string(), digits, upper, "blake3:" + digits, std::string(kAbcHash) + "0",
                                 std::string(kAbcHash.substr(0, 75)), "blake2b-256:../" + digits.substr(3),
                                 "blake2b-256:/" + digits.substr(1), "BLAKE2B-256:" + digits, "blake2b-256/" + digits,
                                 "blake2b-256:" + digits.substr(0, 63) + std::string(1, '\0')}) {
    EXPECT_FALSE(ContentHash::parse(bad)) << bad;
  }
}

TEST(Cas, StoresUnderTheNameOfTheContent) {
  const TempDir dir;
  const auto cas = open_cas(dir.path() / "cas");
  const auto stored = cas->store("abc", "text/plain");
  ASSERT_TRUE(stored);
  EXPECT_EQ(stored->hash.text(), kAbcHash);
  EXPECT_EQ(stored->size, 3u);
  EXPECT_EQ(read_file(dir.path() / "cas/blake2b-256/bd" / std::string(kAbcHash.substr(14))), "abc");
  EXPECT_EQ(cas->path(stored->hash), dir.path() / "cas/blake2b-256/bd" / std::string(kAbcHash.substr(14)));
}

TEST(Cas, LeavesNothingInTheMaking) {
  const TempDir dir;
  const auto cas = open_cas(dir.path());
  ASSERT_TRUE(cas->store("abc", "text/plain"));
  ASSERT_TRUE(cas->store("abc", "text/html"));
  {
    ASSERT_TRUE(cas->temporary());
  }
  EXPECT_EQ(files_in(dir.path() / "tmp"), 0u);
}

TEST(Cas, StoringTwiceIsStoringOnce) {
  const TempDir dir;
  const auto cas = open_cas(dir.path());
  ASSERT_TRUE(cas->store("abc", kOctetStream));
  ASSERT_TRUE(cas->store("abc", kOctetStream));
  EXPECT_EQ(cas->stats().items, 1u);
  EXPECT_EQ(cas->stats().bytes, 3u);
}

TEST(Cas, RemembersTheLastMimeTypeThatSaysSomething) {
  const TempDir dir;
  const auto cas = open_cas(dir.path());
  EXPECT_EQ(cas->store("abc", kOctetStream)->mime_type, kOctetStream);
  EXPECT_EQ(cas->store("abc", "text/plain")->mime_type, "text/plain");
  EXPECT_EQ(cas->store("abc", kOctetStream)->mime_type, "text/plain");
  EXPECT_EQ(cas->store("abc", "text/vnd.abc")->mime_type, "text/vnd.abc");
  EXPECT_EQ((*cas->inspect(ContentHash::of("abc")))->mime_type, "text/vnd.abc");
}

TEST(Cas, CountsWhatItFindsWhenOpened) {
  const TempDir dir;
  {
    const auto cas = open_cas(dir.path());
    ASSERT_TRUE(cas->store("abc", "text/plain"));
    ASSERT_TRUE(cas->store("de", kOctetStream));
  }
  dir.write("blake2b-256/bd/not-an-object", "x");
  const auto cas = open_cas(dir.path());
  EXPECT_EQ(cas->stats().items, 2u);
  EXPECT_EQ(cas->stats().bytes, 5u);
  EXPECT_EQ((*cas->inspect(ContentHash::of("abc")))->mime_type, "text/plain");
}

TEST(Cas, CleansOrphansWhenOpened) {
  const TempDir dir;
  dir.write("tmp/17-0", "half an object");
  const auto cas = open_cas(dir.path());
  EXPECT_EQ(files_in(dir.path() / "tmp"), 0u);
}

TEST(Cas, ReadsSlices) {
  const TempDir dir;
  const auto cas = open_cas(dir.path());
  const auto hash = cas->store("0123456789", kOctetStream)->hash;
  EXPECT_EQ(*cas->read(hash, 0, 100), "0123456789");
  EXPECT_EQ(*cas->read(hash, 4, 3), "456");
  EXPECT_EQ(*cas->read(hash, 8, 9), "89");
  EXPECT_EQ(*cas->read(hash, 10, 1), "");
  EXPECT_EQ(*cas->read(hash, 11, 1), "");
}

TEST(Cas, KeepsEmptyContent) {
  const TempDir dir;
  const auto cas = open_cas(dir.path());
  const auto stored = cas->store("", kOctetStream);
  ASSERT_TRUE(stored);
  EXPECT_EQ(*cas->read(stored->hash, 0, 1), "");
}

TEST(Cas, UnknownContentIsNotFound) {
  const TempDir dir;
  const auto cas = open_cas(dir.path());
  EXPECT_EQ(cas->read(ContentHash::of("?"), 0, 1).error().code, ErrorCode::kNotFound);
  EXPECT_FALSE(cas->inspect(ContentHash::of("?"))->has_value());
}

TEST(Cas, RefusesDamagedContent) {
  const TempDir dir;
  const auto cas = open_cas(dir.path());
  const auto hash = cas->store("abc", kOctetStream)->hash;
  std::ofstream(cas->path(hash)) << "abd";
  EXPECT_EQ(cas->read(hash, 0, 3).error().code, ErrorCode::kIo);
}

TEST(Cas, NoticesDamageToLargeContentThatWasVerifiedBefore) {
  const TempDir dir;
  const auto cas = open_cas(dir.path());
  const Bytes large(1'000'000, 'x');
  const auto hash = cas->store(large, kOctetStream)->hash;
  ASSERT_TRUE(cas->read(hash, 0, 3));
  std::ofstream(cas->path(hash), std::ios::app) << "more";
  EXPECT_EQ(cas->read(hash, 0, 3).error().code, ErrorCode::kIo);
}

TEST(Cas, StoringAgainMendsDamage) {
  const TempDir dir;
  const auto cas = open_cas(dir.path());
  const auto hash = cas->store("abc", kOctetStream)->hash;
  std::ofstream(cas->path(hash)) << "damaged";
  ASSERT_TRUE(cas->store("abc", kOctetStream));
  EXPECT_EQ(*cas->read(hash, 0, 3), "abc");
  EXPECT_EQ(cas->stats().items, 1u);
}

TEST(Cas, FollowsNoLinkInItsOwnFolder) {
  const TempDir dir;
  const auto secret = dir.write("secret", "abc");
  const auto cas = open_cas(dir.path() / "cas");
  const ContentHash hash = ContentHash::of("abc");
  fs::create_directories(cas->path(hash).parent_path());
  fs::create_symlink(secret, cas->path(hash));
  EXPECT_EQ(cas->read(hash, 0, 3).error().code, ErrorCode::kIo);
  EXPECT_FALSE(cas->inspect(hash));
}

TEST(Cas, CopiesFilesInBlocks) {
  const TempDir dir;
  Bytes large;
  for (int i = 0; i < 200'000; ++i) large += std::to_string(i);
  const Fd file(::open(dir.write("large", large).c_str(), O_RDONLY));
  const auto cas = open_cas(dir.path() / "cas");
  std::uint64_t last = 0;
  int steps = 0;
  const auto stored = cas->store_file(file.get(), kOctetStream, {}, [&](std::uint64_t done, std::uint64_t total) {
    EXPECT_GT(done, last);
    EXPECT_EQ(total, large.size());
    last = done;
    ++steps;
  });
  ASSERT_TRUE(stored);
  EXPECT_EQ(stored->hash, ContentHash::of(large));
  EXPECT_EQ(last, large.size());
  EXPECT_GT(steps, 1);
}

TEST(Cas, StopsCopyingWhenAskedTo) {
  const TempDir dir;
  const Fd file(::open(dir.write("large", Bytes(4'000'000, 'x')).c_str(), O_RDONLY));
  const auto cas = open_cas(dir.path() / "cas");
  std::stop_source stop;
  const auto stored =
      cas->store_file(file.get(), kOctetStream, stop.get_token(), [&](auto, auto) { stop.request_stop(); });
  EXPECT_EQ(stored.error().code, ErrorCode::kCancelled);
  EXPECT_EQ(cas->stats().items, 0u);
  EXPECT_EQ(files_in(dir.path() / "cas/tmp"), 0u);
}

TEST(Cas, AdoptsWhatWasWrittenElsewhere) {
  const TempDir dir;
  const auto cas = open_cas(dir.path());
  auto temporary = cas->temporary();
  ASSERT_TRUE(write_all(temporary->file(), "abc"));
  const auto stored = cas->adopt(*std::move(temporary), "text/plain", {});
  ASSERT_TRUE(stored);
  EXPECT_EQ(stored->hash.text(), kAbcHash);
  EXPECT_EQ(*cas->read(stored->hash, 0, 3), "abc");
  EXPECT_EQ(files_in(dir.path() / "tmp"), 0u);
}

TEST(Cas, SaysThatTheDiskIsFullAndCleansUp) {
  const TempDir dir;
  if (::geteuid() != 0 || ::mount("tmpfs", dir.path().c_str(), "tmpfs", 0, "size=256k") != 0) {
    GTEST_SKIP() << "needs root to mount a small disk";
  }
  {
    const auto cas = open_cas(dir.path());
    const auto stored = cas->store(Bytes(1 << 20, 'x'), kOctetStream);
    ASSERT_FALSE(stored);
    EXPECT_EQ(stored.error().code, ErrorCode::kIo);
    EXPECT_NE(stored.error().message.find("disk is full"), std::string::npos) << stored.error().message;
    EXPECT_EQ(files_in(dir.path() / "tmp"), 0u);
    EXPECT_EQ(cas->stats().items, 0u);
    EXPECT_TRUE(cas->store("small", kOctetStream));
  }
  ::umount(dir.path().c_str());
}

TEST(CasConcurrent, CountsTheSameContentOnce) {
  const TempDir dir;
  const auto cas = open_cas(dir.path());
  {
    std::vector<std::jthread> threads;
    for (int thread = 0; thread < 4; ++thread) {
      threads.emplace_back([&] {
        for (int i = 0; i < 20; ++i) EXPECT_TRUE(cas->store("object " + std::to_string(i), "text/plain"));
      });
    }
  }
  EXPECT_EQ(cas->stats().items, 20u);
  EXPECT_EQ(open_cas(dir.path())->stats().items, 20u);
}

}  // namespace
}  // namespace yard::tools
