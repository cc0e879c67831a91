sign-in-title = Staff sign-in
