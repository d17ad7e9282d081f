#include "tests/bench/peers/beanstalkd.h"

#include <algorithm>
#include <charconv>

#include "engine/base/check.h"
#include "tests/bench/measure.h"

namespace yard::bench {
namespace {

// Reserved together: the first is waited for, the others are there or not.
constexpr int kBatch = 64;
constexpr int kPutsTogether = 1'000;
constexpr std::string_view kPut = "put 0 0 600 2\r\n{}\r\n";

struct Reserved {
  Bytes id;
  Bytes body;
};

// Reads one reply to a reserve. Nothing: the server is gone.
std::optional<bool> read_reserved(Stream& stream, std::vector<Reserved>& out) {
  const auto line = stream.line();
  if (!line) return std::nullopt;
  if (*line == "TIMED_OUT") return false;
  YARD_CHECK(line->starts_with("RESERVED "));
  const std::size_t space = line->rfind(' ');
  std::size_t size = 0;
  std::from_chars(line->data() + space + 1, line->data() + line->size(), size);
  Bytes id(line->substr(9, space - 9));
  const auto body = stream.exactly(size + 2);
  if (!body) return std::nullopt;
  out.push_back({.id = std::move(id), .body = Bytes(body->substr(0, size))});
  return true;
}

// What is ready, at least one; none: the server is gone.
std::vector<Reserved> reserve(Stream& stream) {
  stream.queue("reserve\r\n");
  for (int i = 1; i < kBatch; ++i) stream.queue("reserve-with-timeout 0\r\n");
  std::vector<Reserved> jobs;
  for (int i = 0; i < kBatch; ++i) {
    if (!read_reserved(stream, jobs)) return {};
  }
  return jobs;
}

bool expect(Stream& stream, std::string_view reply) {
  const auto line = stream.line();
  YARD_CHECK(!line || line->starts_with(reply));
  return line.has_value();
}

bool choose(Stream& stream, std::string_view use, std::string_view watch) {
  stream.queue("use " + std::string(use) + "\r\nwatch " + std::string(watch) + "\r\nignore default\r\n");
  return expect(stream, "USING") && expect(stream, "WATCHING") && expect(stream, "WATCHING");
}

std::vector<std::string> flags(const std::filesystem::path& folder, Beanstalkd::Log log) {
  std::vector<std::string> all{"-l", "unix:" + (folder / "socket").string()};
  if (log == Beanstalkd::Log::kSynced) all.insert(all.end(), {"-b", folder.string(), "-f", "0"});
  return all;
}

}  // namespace

Beanstalkd::Beanstalkd(Log log)
    : program_(kProgram, flags(folder_.path(), log), folder_.path() / "log"),
      puts_(program_.connect_unix(folder_.path() / "socket")),
      results_stream_(program_.connect_unix(folder_.path() / "socket")),
      worker_stream_(program_.connect_unix(folder_.path() / "socket")) {
  YARD_CHECK(choose(puts_, "jobs", "none") && choose(results_stream_, "none", "results") &&
             choose(worker_stream_, "results", "jobs"));
  worker_ = std::jthread([this] { work(); });
}

Beanstalkd::~Beanstalkd() { worker_stream_.end(); }

void Beanstalkd::work() {
  for (;;) {
    const std::vector<Reserved> jobs = reserve(worker_stream_);
    if (jobs.empty()) return;
    for (const Reserved& job : jobs) {
      worker_stream_.queue("put 0 0 600 " + std::to_string(job.body.size()) + "\r\n" + job.body + "\r\n");
      worker_stream_.queue("delete " + job.id + "\r\n");
    }
    for (std::size_t i = 0; i < jobs.size(); ++i) {
      if (!expect(worker_stream_, "INSERTED") || !expect(worker_stream_, "DELETED")) return;
    }
  }
}

void Beanstalkd::read_acknowledgements() {
  for (; unacknowledged_ > 0; --unacknowledged_) YARD_CHECK(expect(puts_, "INSERTED"));
}

void Beanstalkd::take_result() {
  if (results_ == 0) {
    puts_.flush();
    const std::vector<Reserved> results = reserve(results_stream_);
    YARD_CHECK(!results.empty());
    for (const Reserved& result : results) results_stream_.queue("delete " + result.id + "\r\n");
    for (std::size_t i = 0; i < results.size(); ++i) YARD_CHECK(expect(results_stream_, "DELETED"));
    results_ = results.size();
    read_acknowledgements();
  }
  --results_;
}

double Beanstalkd::jobs_k(int count, int window) {
  return pipelined_k(
      count, window,
      [this] {
        puts_.queue(kPut);
        ++unacknowledged_;
      },
      [this] { take_result(); });
}

double Beanstalkd::queued_mib(int count) {
  puts_.queue("use unwatched\r\n");
  YARD_CHECK(expect(puts_, "USING"));
  const double before = program_.resident_mib();
  for (int put = 0; put < count; put += kPutsTogether) {
    unacknowledged_ = std::min(kPutsTogether, count - put);
    for (int i = 0; i < unacknowledged_; ++i) puts_.queue(kPut);
    read_acknowledgements();
  }
  return program_.resident_mib() - before;
}

}  // namespace yard::bench
