#include "tests/bench/peers/redis.h"

#include <charconv>

#include "engine/base/check.h"
#include "tests/bench/measure.h"

namespace yard::bench {
namespace {

// Both wait for the first element and take up to a thousand.
constexpr std::string_view kPopJobs = "BLMPOP 0 1 jobs RIGHT COUNT 1000\r\n";
constexpr std::string_view kPopResults = "BLMPOP 0 1 results RIGHT COUNT 1000\r\n";
constexpr std::string_view kPushJob = "*3\r\n$5\r\nLPUSH\r\n$4\r\njobs\r\n$2\r\n{}\r\n";

std::size_t natural(BytesView text) {
  std::size_t value = 0;
  YARD_CHECK(std::from_chars(text.data(), text.data() + text.size(), value).ec == std::errc());
  return value;
}

// A reply's first line, of the type that `mark` stands for. Nothing: the server is gone.
std::optional<std::size_t> head(Stream& stream, char mark) {
  const auto line = stream.line();
  if (!line) return std::nullopt;
  YARD_CHECK(line->starts_with(mark));
  return natural(line->substr(1));
}

std::optional<BytesView> text(Stream& stream) {
  const auto size = head(stream, '$');
  const auto bytes = size ? stream.exactly(*size + 2) : std::nullopt;
  if (!bytes) return std::nullopt;
  return bytes->substr(0, *size);
}

// The elements that a BLMPOP found; none: the server is gone.
std::vector<Bytes> popped(Stream& stream) {
  std::vector<Bytes> elements;
  if (!head(stream, '*') || !text(stream)) return elements;  // the pair, and the list's name
  const std::size_t count = head(stream, '*').value_or(0);
  for (std::size_t i = 0; i < count; ++i) {
    const auto element = text(stream);
    if (!element) return {};
    elements.emplace_back(*element);
  }
  return elements;
}

std::vector<std::string> flags(const std::filesystem::path& folder) {
  return {"--port",
          "0",
          "--unixsocket",
          (folder / "socket").string(),
          "--dir",
          folder.string(),
          "--save",
          "",
          "--appendonly",
          "yes",
          "--appendfsync",
          "always",
          "--auto-aof-rewrite-percentage",
          "0"};
}

}  // namespace

Redis::Redis()
    : program_(kProgram, flags(folder_.path()), folder_.path() / "log"),
      pushes_(program_.connect_unix(folder_.path() / "socket")),
      pops_(program_.connect_unix(folder_.path() / "socket")),
      worker_stream_(program_.connect_unix(folder_.path() / "socket")),
      worker_([this] { work(); }) {}

Redis::~Redis() { worker_stream_.end(); }

void Redis::work() {
  for (;;) {
    worker_stream_.queue(kPopJobs);
    const std::vector<Bytes> jobs = popped(worker_stream_);
    if (jobs.empty()) return;
    for (const Bytes& job : jobs) {
      worker_stream_.queue("*3\r\n$5\r\nLPUSH\r\n$7\r\nresults\r\n$" + std::to_string(job.size()) + "\r\n" + job +
                           "\r\n");
    }
    for (std::size_t i = 0; i < jobs.size(); ++i) {
      if (!head(worker_stream_, ':')) return;
    }
  }
}

void Redis::submit() {
  pushes_.queue(kPushJob);
  ++unacknowledged_;
}

void Redis::take_result() {
  if (results_ == 0) {
    pushes_.flush();
    pops_.queue(kPopResults);
    results_ = popped(pops_).size();
    YARD_CHECK(results_ > 0);
    for (; unacknowledged_ > 0; --unacknowledged_) YARD_CHECK(head(pushes_, ':'));
  }
  --results_;
}

double Redis::jobs_k(int count, int window) {
  return pipelined_k(count, window, [this] { submit(); }, [this] { take_result(); });
}

}  // namespace yard::bench
