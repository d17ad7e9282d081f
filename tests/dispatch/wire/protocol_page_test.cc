// PROTOCOL.md says what the code does: its tables and byte vectors, compared.
#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>
#include <sstream>
#include <vector>

#include "dispatch/wire/message.h"
#include "engine/base/error.h"
#include "engine/base/pack.h"
#include "engine/base/pack_json.h"
#include "iopub/event.h"
#include "tests/support/hex.h"

namespace yard::wire {
namespace {

using nlohmann::json;

std::string page() {
  std::ifstream file(YARD_SOURCE_DIR "/dispatch/wire/PROTOCOL.md");
  return {std::istreambuf_iterator<char>(file), {}};
}

// From the heading that begins with `heading` to the next one of its level.
std::string section(const std::string& heading) {
  const std::string text = page();
  const std::size_t begin = text.find("\n## " + heading);
  EXPECT_NE(begin, std::string::npos) << heading;
  if (begin == std::string::npos) return "";
  return text.substr(begin, text.find("\n## ", begin + 1) - begin);
}

// The cells of every table row whose first cell is a number.
std::vector<std::vector<std::string>> numbered_rows(const std::string& text) {
  std::vector<std::vector<std::string>> rows;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    if (!line.starts_with("| ") || line.size() < 3 || line[2] < '0' || line[2] > '9') continue;
    std::vector<std::string> cells;
    for (std::size_t at = 2; at < line.size();) {
      const std::size_t end = std::min(line.find(" | ", at), line.size() - 2);
      cells.push_back(line.substr(at, end - at));
      at = end + 3;
    }
    rows.push_back(std::move(cells));
  }
  return rows;
}

std::string upper(std::string_view text) {
  std::string result(text);
  for (char& c : result) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  return result;
}

TEST(ProtocolPage, ListsEveryVerb) {
  std::size_t listed = 0;
  for (const auto& row : numbered_rows(section("3."))) {
    const Verb verb{static_cast<std::uint8_t>(std::stoul(row.at(0), nullptr, 0))};
    EXPECT_EQ(upper(name_of(verb)), row.at(1));
    ++listed;
  }
  std::size_t known = 0;
  for (unsigned number = 0; number < 256; ++number) known += !name_of(Verb{static_cast<std::uint8_t>(number)}).empty();
  EXPECT_EQ(listed, known);
}

TEST(ProtocolPage, ListsEveryError) {
  const auto rows = numbered_rows(section("4."));
  ASSERT_EQ(rows.size(), error_table().size());
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const ErrorRow& error = error_table()[i];
    EXPECT_EQ(rows[i],
              (std::vector<std::string>{std::to_string(static_cast<unsigned>(error.code)), std::string(error.name),
                                        error.retryable ? "yes" : "no", std::string(error.meaning)}));
  }
}

TEST(ProtocolPage, ListsEveryKindOfEvent) {
  std::size_t listed = 0;
  for (const auto& row : numbered_rows(section("7."))) {
    if (row.size() != 3 || row[0].size() > 2 || row[1].find(' ') != std::string::npos) continue;
    const auto number = static_cast<std::uint8_t>(std::stoul(row[0]));
    if (number != listed + 1) continue;  // the header's own table
    EXPECT_EQ(name_of(iopub::EventKind{number}), row[1]);
    ++listed;
  }
  std::size_t known = 0;
  for (unsigned number = 0; number < 256; ++number)
    known += !name_of(iopub::EventKind{static_cast<std::uint8_t>(number)}).empty();
  EXPECT_EQ(listed, known);
}

struct Vector {
  std::string name;
  json fields;
  Bytes bytes;
};

// Fenced blocks: a name, the fields as JSON, hex.
std::vector<Vector> vectors() {
  std::vector<Vector> found;
  std::istringstream lines(section("12."));
  for (std::string line; std::getline(lines, line);) {
    if (line != "```") continue;
    Vector vector;
    std::string fields;
    std::getline(lines, vector.name);
    std::getline(lines, fields);
    vector.fields = json::parse(fields, nullptr, /*allow_exceptions=*/false);
    while (std::getline(lines, line) && line != "```") vector.bytes += unhex(line);
    found.push_back(std::move(vector));
  }
  return found;
}

Uuid uuid_of(const json& fields, const char* key) { return parse_uuid(fields.value(key, "")).value_or(Uuid{}); }

void check_message(const Vector& vector) {
  const json& fields = vector.fields;
  const Header header{.verb = Verb{fields.at("verb").get<std::uint8_t>()},
                      .flags = fields.value("flags", std::uint8_t{0}),
                      .priority = fields.value("priority", std::uint8_t{0}),
                      .correlation = fields.value("correlation", std::uint64_t{0}),
                      .id = uuid_of(fields, "id"),
                      .session = fields.value("session", std::uint64_t{0}),
                      .budget_ms = fields.value("budget_ms", std::uint32_t{0}),
                      .group = fields.value("group", std::uint32_t{0}),
                      .sent_ns = fields.value("sent_ns", std::uint64_t{0}),
                      .fence = fields.value("fence", std::uint64_t{0})};
  const std::string tool = fields.value("tool", "");
  const auto message = decode(vector.bytes);
  ASSERT_TRUE(message) << to_string(message.error());
  EXPECT_EQ(message->header, header);
  EXPECT_EQ(message->tool, tool);
  BytesView body = message->body;
  if (fields.contains("options")) {
    const auto length = check_pack_prefix(body);
    ASSERT_TRUE(length);
    EXPECT_EQ(to_json(PackView(body)), fields["options"]);
    body.remove_prefix(*length);
  }
  if (fields.contains("body")) {
    ASSERT_TRUE(check_pack(body));
    EXPECT_EQ(to_json(PackView(body)), fields["body"]);
  } else {
    EXPECT_TRUE(body.empty());
  }
  EXPECT_EQ(hex(encode(header, tool, message->body)), hex(vector.bytes));
}

void check_event(const Vector& vector) {
  const json& fields = vector.fields;
  const iopub::EventHeader header{.kind = iopub::EventKind{fields.at("kind").get<std::uint8_t>()},
                                  .epoch = fields.value("epoch", std::uint64_t{0}),
                                  .seq = fields.value("seq", std::uint64_t{0}),
                                  .lsn = fields.value("lsn", std::uint64_t{0}),
                                  .time = WallTime(Nanos(fields.value("wall_ns", std::int64_t{0}))),
                                  .job = uuid_of(fields, "job")};
  const auto event = iopub::decode_event(vector.bytes);
  ASSERT_TRUE(event) << to_string(event.error());
  EXPECT_EQ(event->topic, fields.value("topic", ""));
  EXPECT_EQ(event->header, header);
  ASSERT_TRUE(check_pack(event->body));
  EXPECT_EQ(to_json(PackView(event->body)), fields.at("body"));
  Bytes again;
  iopub::encode_event(again, event->topic, header, event->body);
  EXPECT_EQ(hex(again), hex(vector.bytes));
}

TEST(ProtocolPage, EveryByteVectorIsWhatTheCodecSays) {
  std::size_t messages = 0;
  std::size_t events = 0;
  for (const Vector& vector : vectors()) {
    SCOPED_TRACE(vector.name);
    ASSERT_TRUE(vector.fields.is_object());
    const bool is_message = vector.fields.contains("verb");
    ++(is_message ? messages : events);
    is_message ? check_message(vector) : check_event(vector);
  }
  EXPECT_GE(messages, 6u);
  EXPECT_GE(events, 3u);
}

}  // namespace
}  // namespace yard::wire
