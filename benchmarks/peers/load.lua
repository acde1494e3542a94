-- wrk: sends the requests of a file in turn, and counts the answers that are not right.
-- arguments: the file (a JSON body a line), how often each text has to stand in an answer, the texts.
-- TERCET_BENCH_KEY: a bearer key to send, if there is one.

local requests, texts, times, turn = {}, {}, 1, 0
local threads = {}
wrong = 0

function setup(thread)
  table.insert(threads, thread)
end

function init(args)
  local headers = { ["Content-Type"] = "application/json", ["Host"] = wrk.headers["Host"] }
  local key = os.getenv("TERCET_BENCH_KEY")
  if key then headers["Authorization"] = "Bearer " .. key end
  for body in io.lines(args[1]) do
    table.insert(requests, wrk.format("POST", nil, headers, body))
  end
  times = tonumber(args[2])
  for place = 3, #args do table.insert(texts, args[place]) end
end

function request()
  turn = turn % #requests + 1
  return requests[turn]
end

local function holds(body, text)
  local from = 1
  for _ = 1, times do
    local _, last = string.find(body, text, from, true)
    if not last then return false end
    from = last + 1
  end
  return true
end

function response(status, _, body)
  local right = status == 200
  for _, text in ipairs(texts) do right = right and holds(body, text) end
  if not right then wrong = wrong + 1 end
end

function done(summary, latency)
  local failed = summary.errors.connect + summary.errors.read + summary.errors.write + summary.errors.timeout
  for _, thread in ipairs(threads) do failed = failed + thread:get("wrong") end
  io.write(string.format('{"requests": %d, "seconds": %.6f, "p50": %.6f, "p99": %.6f, "wrong": %d}\n',
    summary.requests, summary.duration / 1e6, latency:percentile(50) / 1e6, latency:percentile(99) / 1e6, failed))
end
