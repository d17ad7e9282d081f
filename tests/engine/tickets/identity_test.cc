#include "engine/tickets/identity.h"

#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>
#include <set>

#include "engine/base/pack_json.h"
#include "engine/tickets/record.h"

namespace yard::tickets {
namespace {

using nlohmann::json;

std::string records_page() {
  std::ifstream file(YARD_SOURCE_DIR "/engine/tickets/RECORDS.md");
  return {std::istreambuf_iterator<char>(file), {}};
}

std::string hex64(std::uint64_t number) {
  char text[17];
  std::snprintf(text, sizeof text, "%016lx", number);
  return text;
}

Hash128 hash_of(const std::string& kind, const json& params, const std::string& cap, std::uint64_t event_id,
                std::uint32_t index, const std::string& data) {
  const Bytes packed = pack(params);
  const Bytes key = idempotency_key(event_id, index, data);
  return intent_hash({kind, packed, cap, key});
}

void expect_on_page(const std::string& row) { EXPECT_NE(records_page().find(row), std::string::npos) << row; }

TEST(TicketIdentity, SeedsAreThePublishedOnes) {
  const auto row = [](std::uint64_t event_id, const std::string& reducer, const std::string& key) {
    return "| `" + std::to_string(event_id) + "`, `" + reducer + "`, `" + key + "` | `" +
           hex64(step_seed(event_id, reducer, key)) + "` |";
  };
  expect_on_page(row(0, "", ""));
  expect_on_page(row(1, "transfer", "alice"));
  expect_on_page(row(2, "transfer", "alice"));
  expect_on_page(row(1, "transferal", "ice"));
  expect_on_page(row(18446744073709551615u, "π", "a key of more than sixteen bytes"));
}

TEST(TicketIdentity, IntentsAreThePublishedOnes) {
  const auto row = [](const std::string& kind, const std::string& params, const std::string& cap,
                      std::uint64_t event_id, std::uint32_t index, const std::string& data) {
    return "| `" + kind + "` | `" + params + "` | `" + cap + "` | `" + std::to_string(event_id) + "`, `" +
           std::to_string(index) + "`, `" + data + "` | `" +
           to_hex(hash_of(kind, json::parse(params), cap, event_id, index, data)) + "` |";
  };
  expect_on_page(row("emit", "null", "", 0, 0, ""));
  expect_on_page(row("abc_transpose", R"({"semitones": 3, "abc_text": "X:1"})", "alice", 42, 1, "tune-7"));
  expect_on_page(row("abc_transpose", R"({"abc_text": "X:1", "semitones": 3.0})", "alice", 42, 1, "tune-7"));
  expect_on_page(row("cas_put", R"({"deep": {"b": [1, 2.5, true], "a": "ü"}})", "bob", 7, 0, ""));
}

TEST(TicketIdentity, AnIntentIsWhatItMeans) {
  const Hash128 one = hash_of("k", {{"a", 1}, {"b", 2}}, "cap", 1, 0, "x");
  EXPECT_EQ(one, hash_of("k", {{"b", 2}, {"a", 1}}, "cap", 1, 0, "x"));
  const std::set<Hash128> others = {one,
                                    hash_of("l", {{"a", 1}, {"b", 2}}, "cap", 1, 0, "x"),
                                    hash_of("k", {{"a", 2}, {"b", 2}}, "cap", 1, 0, "x"),
                                    hash_of("k", {{"a", 1}, {"b", 2}}, "pac", 1, 0, "x"),
                                    hash_of("k", {{"a", 1}, {"b", 2}}, "cap", 2, 0, "x"),
                                    hash_of("k", {{"a", 1}, {"b", 2}}, "cap", 1, 1, "x"),
                                    hash_of("k", {{"a", 1}, {"b", 2}}, "cap", 1, 0, "y")};
  EXPECT_EQ(others.size(), 7u);
}

TEST(TicketIdentity, AKeyStaysInItsLane) {
  std::set<std::uint16_t> lanes;
  for (int i = 0; i < 100; ++i) {
    const std::string key = std::to_string(i);
    EXPECT_EQ(lane_of(key, 1), 0);
    EXPECT_EQ(lane_of(key, 4), lane_of(key, 4));
    lanes.insert(lane_of(key, 4));
  }
  EXPECT_EQ(lanes, (std::set<std::uint16_t>{0, 1, 2, 3}));
}

TEST(TicketRecordsPage, NamesEveryKind) {
  int known = 0;
  for (int number = 0; number < 256; ++number) {
    const std::string_view name = name_of(static_cast<RecordKind>(number));
    if (name == "unknown") continue;
    ++known;
    expect_on_page("| " + std::to_string(number) + " | " + std::string(name) + " |");
  }
  EXPECT_EQ(known, 21);
}

}  // namespace
}  // namespace yard::tickets
