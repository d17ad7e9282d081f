#include "dispatch/reply_cache.h"

#include <gtest/gtest.h>

namespace yard::dispatch {
namespace {

Uuid id_of(std::uint8_t number) {
  Uuid id;
  id.octets[0] = number;
  return id;
}

TEST(ReplyCache, GivesTheSameAnswerForTheSameRequest) {
  ReplyCache cache(10, 1'000);
  ASSERT_TRUE(cache.find("me", id_of(1), 7));
  EXPECT_EQ(*cache.find("me", id_of(1), 7), std::nullopt);
  cache.put("me", id_of(1), 7, "answer");
  EXPECT_EQ(*cache.find("me", id_of(1), 7), "answer");
  EXPECT_EQ(cache.size(), 1u);
  EXPECT_EQ(cache.bytes(), 6u);
}

TEST(ReplyCache, AnotherBodyIsAConflict) {
  ReplyCache cache(10, 1'000);
  cache.put("me", id_of(1), 7, "answer");
  const auto found = cache.find("me", id_of(1), 8);
  ASSERT_FALSE(found);
  EXPECT_EQ(found.error().code, ErrorCode::kConflict);
}

TEST(ReplyCache, NobodyElseSeesTheAnswer) {
  ReplyCache cache(10, 1'000);
  cache.put("me", id_of(1), 7, "answer");
  ASSERT_FALSE(cache.find("you", id_of(1), 7));
  EXPECT_EQ(cache.find("you", id_of(1), 7).error().code, ErrorCode::kConflict);
}

TEST(ReplyCache, ForgetsTheOldestBeyondItsCount) {
  ReplyCache cache(2, 1'000);
  for (std::uint8_t i = 1; i <= 3; ++i) cache.put("me", id_of(i), 7, "x");
  EXPECT_EQ(cache.size(), 2u);
  EXPECT_EQ(*cache.find("me", id_of(1), 7), std::nullopt);
  EXPECT_EQ(*cache.find("me", id_of(2), 7), "x");
  EXPECT_EQ(*cache.find("me", id_of(3), 7), "x");
}

TEST(ReplyCache, ForgetsTheOldestBeyondItsBytes) {
  ReplyCache cache(100, 10);
  cache.put("me", id_of(1), 7, "1234");
  cache.put("me", id_of(2), 7, "5678");
  cache.put("me", id_of(3), 7, "123456789");
  EXPECT_EQ(cache.size(), 1u);
  EXPECT_EQ(cache.bytes(), 9u);
  EXPECT_EQ(*cache.find("me", id_of(3), 7), "123456789");
}

TEST(ReplyCache, AnAnswerBeyondAllItsBytesIsNotKeptAndPushesNothingOut) {
  ReplyCache cache(100, 10);
  cache.put("me", id_of(1), 7, "1234");
  cache.put("me", id_of(2), 7, "12345678901");
  EXPECT_EQ(*cache.find("me", id_of(2), 7), std::nullopt);
  EXPECT_EQ(*cache.find("me", id_of(1), 7), "1234");
}

TEST(ReplyCache, TheFirstAnswerStays) {
  ReplyCache cache(100, 100);
  cache.put("me", id_of(1), 7, "first");
  cache.put("me", id_of(1), 7, "second one");
  EXPECT_EQ(*cache.find("me", id_of(1), 7), "first");
  EXPECT_EQ(cache.bytes(), 5u);
}

}  // namespace
}  // namespace yard::dispatch
