// FakeJobContext: records what a job's handler publishes.
#pragma once

#include <functional>
#include <stop_token>
#include <string>
#include <vector>

#include "jobs/job_context.h"

namespace yard::testing {

class FakeJobContext final : public jobs::JobContext {
 public:
  struct Progress {
    double percent = 0;
    std::string message;
  };
  struct Line {
    std::string level;
    std::string message;
  };

  [[nodiscard]] JobId id() const override { return id_; }
  [[nodiscard]] std::string_view principal() const override { return principal_; }
  [[nodiscard]] std::stop_token stop() const override { return source_.get_token(); }

  void progress(double percent, std::string_view message) override {
    progress_.push_back({.percent = percent, .message = std::string(message)});
    if (on_progress) on_progress(percent);
  }
  void chunk(BytesView data) override {
    chunks_.emplace_back(data);
    if (on_chunk) on_chunk(data);
  }
  void artifact_created(BytesView packed) override { artifacts_.emplace_back(packed); }
  void log(std::string_view level, std::string_view message) override {
    lines_.push_back({.level = std::string(level), .message = std::string(message)});
  }

  void set_id(JobId id) { id_ = id; }
  void set_principal(std::string principal) { principal_ = std::move(principal); }
  void request_stop() { source_.request_stop(); }

  [[nodiscard]] const std::vector<Progress>& progress_seen() const { return progress_; }
  [[nodiscard]] const std::vector<Bytes>& chunks() const { return chunks_; }
  [[nodiscard]] const std::vector<Bytes>& artifacts() const { return artifacts_; }
  [[nodiscard]] const std::vector<Line>& lines() const { return lines_; }

  // Called after the recording, so that a test can stop a job at a known place.
  std::function<void(double percent)> on_progress = {};
  std::function<void(BytesView data)> on_chunk = {};

 private:
  JobId id_{Uuid{.octets = {0x10, 0x20, 0x30}}};
  std::string principal_ = "local";
  std::stop_source source_;
  std::vector<Progress> progress_;
  std::vector<Bytes> chunks_;
  std::vector<Bytes> artifacts_;
  std::vector<Line> lines_;
};

}  // namespace yard::testing
