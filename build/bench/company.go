package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"time"

	"github.com/dingpass/dingpass/backend/sandbox"
)

const (
	companySize = 100_000 // people

	promisedCompanyStart  = 1000 // ms
	promisedCompanyMemory = 100  // MB
)

// measureCompany is how long the sandbox takes to start with a large company,
// from exec to the line with its address, and its resident memory then and when
// every department's people have been read.
func measureCompany(ctx context.Context, p plan) (_ []row, err error) {
	var starts []time.Duration
	var first, read []float64
	for run := range min(p.runs, 5) {
		start, sizes, err := company(ctx, p)
		if err != nil {
			return nil, err
		}
		p.tell("company: %d: %v, %.1f MB", run+1, start, sizes)
		starts, first, read = append(starts, start), append(first, sizes[0]), append(read, sizes[1])
	}
	start := timed(fmt.Sprintf("sandbox with %d people, exec to address", companySize), starts)
	start.Limit = promisedCompanyStart
	end := sized("… after all of them were read", read...)
	end.Limit = promisedCompanyMemory
	return []row{start, sized("… resident memory", first...), end}, nil
}

// company starts a sandbox, reads all of its people and ends it.
func company(ctx context.Context, p plan) (start time.Duration, sizes [2]float64, err error) {
	ctx, stop := context.WithCancel(ctx)
	cmd := command(ctx, environ(os.TempDir()), filepath.Join(p.bin, "dingpass"), "sandbox", "--people", strconv.Itoa(companySize))
	said, err := cmd.StdoutPipe()
	began := time.Now()
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		stop()
		return 0, sizes, err
	}
	defer func() {
		stop()
		_ = cmd.Wait() // it was told to end
	}()
	line, err := bufio.NewReader(said).ReadBytes('\n')
	start = time.Since(began)
	if err != nil {
		return start, sizes, err
	}
	var listening struct{ URL string }
	if err := json.Unmarshal(line, &listening); err != nil {
		return start, sizes, err
	}
	if sizes[0], err = resident(cmd.Process.Pid); err != nil {
		return start, sizes, err
	}
	if err := readCompany(ctx, listening.URL); err != nil {
		return start, sizes, err
	}
	sizes[1], err = resident(cmd.Process.Pid)
	return start, sizes, err
}

// readCompany walks the tree and reads everybody in it, as fast as it is
// answered: the product's own client keeps to DingTalk's limits.
func readCompany(ctx context.Context, address string) error {
	d := directory{client: &http.Client{}, address: address}
	var app struct {
		Token string `json:"access_token"`
	}
	if err := d.ask(ctx, "/gettoken", url.Values{"appkey": {sandbox.DefaultClientID}, "appsecret": {sandbox.DefaultClientSecret}}, &app); err != nil {
		return err
	}
	d.token = app.Token
	met := 0
	for queue := []int64{1}; len(queue) > 0; queue = queue[1:] {
		here, err := d.people(ctx, queue[0])
		if err != nil {
			return err
		}
		below, err := d.below(ctx, queue[0])
		if err != nil {
			return err
		}
		met, queue = met+here, append(queue, below...)
	}
	if met < companySize {
		return fmt.Errorf("only %d people were met", met)
	}
	return nil
}

// directory reads departments and people by DingTalk's frozen calls, which take
// everything in the query.
type directory struct {
	client         *http.Client
	address, token string
}

func (d directory) ask(ctx context.Context, path string, query url.Values, out any) error {
	query.Set("access_token", d.token)
	body, _, err := send(ctx, d.client, http.MethodGet, d.address+path+"?"+query.Encode(), nil)
	if err != nil {
		return err
	}
	return json.Unmarshal([]byte(body), out)
}

func (d directory) below(ctx context.Context, dept int64) ([]int64, error) {
	var got struct {
		IDs []int64 `json:"sub_dept_id_list"`
	}
	err := d.ask(ctx, "/department/list_ids", url.Values{"id": {strconv.FormatInt(dept, 10)}}, &got)
	return got.IDs, err
}

func (d directory) people(ctx context.Context, dept int64) (met int, err error) {
	for more := true; more; {
		var got struct {
			More bool              `json:"hasMore"`
			List []json.RawMessage `json:"userlist"`
		}
		query := url.Values{"department_id": {strconv.FormatInt(dept, 10)}, "offset": {strconv.Itoa(met)}, "size": {"100"}}
		if err := d.ask(ctx, "/user/listbypage", query, &got); err != nil {
			return met, err
		}
		met, more = met+len(got.List), got.More && len(got.List) > 0
	}
	return met, nil
}
