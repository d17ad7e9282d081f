#include "jobs/executors/process/tool_line.h"

#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "engine/base/pack.h"

namespace yard::jobs {
namespace {

template <typename What>
What parsed(std::string_view line) {
  auto result = parse_tool_line(line);
  EXPECT_TRUE(result) << result.error().message;
  if (!result || !std::holds_alternative<What>(*result)) return ADD_FAILURE() << line, What{};
  return std::get<What>(*std::move(result));
}

TEST(ToolLine, ReadsEachKind) {
  const auto progress = parsed<Progressed>(R"({"progress":{"percent":12.5,"message":"m"}})");
  EXPECT_EQ(progress.percent, 12.5);
  EXPECT_EQ(progress.message, "m");
  EXPECT_EQ(parsed<Chunked>(R"({"chunk":"text\n"})").data, "text\n");
  EXPECT_EQ(parsed<Chunked>(R"({"chunk_base64":"AP8="})").data, std::string("\0\xff", 2));
  const auto log = parsed<Logged>(R"({"log":{"level":"error","message":"m"}})");
  EXPECT_EQ(log.level, "error");
  EXPECT_EQ(log.message, "m");
  EXPECT_EQ(PackView(parsed<ToolResult>(R"({"result":{"a":[1,null]}})").packed).find("a").size(), 2u);
  EXPECT_EQ(parsed<ToolError>(R"({"error":{"message":"m","code":"io_error"}})").error,
            (Error{.code = ErrorCode::kIo, .message = "m"}));
}

TEST(ToolLine, AMissingMessageOrCodeIsNone) {
  EXPECT_EQ(parsed<Progressed>(R"({"progress":{"percent":1}})").message, "");
  EXPECT_EQ(parsed<ToolError>(R"({"error":{"message":"m"}})").error.code, ErrorCode::kToolFailed);
}

TEST(ToolLine, AnUnknownCodeIsAnOrdinaryFailure) {
  EXPECT_EQ(parsed<ToolError>(R"({"error":{"message":"m","code":"gremlins"}})").error.code, ErrorCode::kToolFailed);
}

TEST(ToolLine, PercentIsClampedAndBlanksAreNoMatter) {
  EXPECT_EQ(parsed<Progressed>("  {\"progress\" : {\"percent\":-3}}\r").percent, 0);
  EXPECT_EQ(parsed<Progressed>(R"({"progress":{"percent":1e300}})").percent, 100);
}

TEST(ToolLine, RefusesAllElseAndSaysWhy) {
  const std::vector<std::pair<std::string, std::string>> wrong = {
      {"", "no JSON"},
      {"Loading…", "no JSON"},
      {"{\"result\":{}", "no JSON"},
      {"{\"result\":{}}{}", "no JSON"},
      {"{\"chunk\":\"\xff\"}", "no JSON"},
      {"[1]", "no JSON object"},
      {"null", "no JSON object"},
      {"{}", "an object with 0 keys, not one"},
      {R"({"chunk":"a","log":{}})", "an object with 2 keys, not one"},
      {R"({"results":{}})", "unknown key"},
      {R"({"progress":50})", "progress must be an object"},
      {R"({"progress":{"message":"m"}})", "percent must be a number"},
      {R"({"progress":{"percent":"5"}})", "percent must be a number"},
      {R"({"progress":{"percent":5,"message":5}})", "message must be a string"},
      {R"({"progress":{"percent":1e999}})", "no JSON"},
      {R"({"chunk":5})", "chunk must be a string"},
      {R"({"chunk_base64":"A"})", "chunk_base64 must be padded base64"},
      {R"({"chunk_base64":{}})", "chunk_base64 must be a string"},
      {R"({"log":{"level":"debug","message":"m"}})", "level must be info, warn or error"},
      {R"({"log":{"level":"info"}})", "message must be a string"},
      {R"({"result":[]})", "result must be an object"},
      {R"({"error":"m"})", "error must be an object"},
      {R"({"error":{}})", "message must be a string"},
      {R"({"error":{"message":"m","code":5}})", "code must be a string"},
      {R"({"result":{"a":)" + std::string(40, '[') + std::string(40, ']') + "}}", "result: "},
      {std::string(70, '['), "JSON: nested deeper than 64"},
  };
  for (const auto& [line, why] : wrong) {
    const auto refused = parse_tool_line(line);
    ASSERT_FALSE(refused) << line;
    EXPECT_EQ(refused.error().code, ErrorCode::kToolFailed);
    EXPECT_TRUE(refused.error().message.starts_with("stdout: " + why)) << line << ": " << refused.error().message;
  }
}

TEST(ToolLine, TheRefusalQuotesTheBeginningAndNoControls) {
  EXPECT_EQ(parse_tool_line("\x1b[2Jhello" + std::string(100, 'x')).error().message,
            "stdout: no JSON: \"?[2Jhello" + std::string(55, 'x') + "...\"");
}

}  // namespace
}  // namespace yard::jobs
